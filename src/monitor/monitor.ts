import type { RetuneHistory } from '../online/retune-history.js';
import { healthHandler, metricsHandler } from '../web/operations.js';
import { pageHandler } from '../web/page-files.js';
import { WebServer, type WebServerOptions } from '../web/web-server.js';
import { type ClientOptions, MonitorClient } from './client.js';
import { MONITOR_PROTOCOL } from './protocol/messages.js';
import { soundHandler } from './sound-files.js';
import type { MonitorTarget } from './target.js';

export interface MonitorOptions
  extends Omit<WebServerOptions, 'protocols' | 'path' | 'handlers' | 'onSocket' | 'onRefused'>,
    Omit<ClientOptions, 'access' | 'target'> {
  target: MonitorTarget;
  /** Judgements whose sounds may be heard; default none. */
  history?: RetuneHistory;
  /** The text of `/metrics`; default none. */
  metrics?: () => Promise<string>;
}

/** Path of the WebSocket. */
const MONITOR_PATH = '/ws';

/** The page and the WebSocket behind it: shows a target, and commands it for those who may. */
export class Monitor {
  readonly #clients = new Set<MonitorClient>();

  private constructor(readonly web: WebServer) {}

  /** @throws as {@link WebServer.start} */
  static async start(options: MonitorOptions): Promise<Monitor> {
    let monitor: Monitor | undefined;
    const web = await WebServer.start({
      ...options,
      maxPayload: options.maxPayload ?? 16 * 1024,
      protocols: [MONITOR_PROTOCOL],
      path: MONITOR_PATH,
      handlers: [
        healthHandler(() => monitor !== undefined),
        metricsHandler(options.metrics, () => monitor!.web.access),
        ...(options.history === undefined ? [] : [soundHandler(options.history, () => monitor!.web.access)]),
        pageHandler('monitor'),
      ],
      onSocket: (socket, request) => {
        const client = new MonitorClient(socket, request, { ...options, access: web.access });
        monitor!.#clients.add(client);
        socket.once('close', () => monitor!.#clients.delete(client));
      },
      onRefused: (reason) => options.log?.warn({ reason }, 'connection refused'),
    });
    monitor = new Monitor(web);
    return monitor;
  }

  /** Address of the page. The token is no part of it, since logs keep addresses: the page asks for it. */
  get pageUrl(): string {
    return `${this.web.url}/`;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Frames that clients missed because they read too slowly, of those that are connected. */
  get missedFrames(): number {
    return [...this.#clients].reduce((sum, { connection }) => sum + connection.missed, 0);
  }

  /** Lets all clients go and ends. */
  close(graceMs?: number): Promise<void> {
    return this.web.close(graceMs);
  }
}
