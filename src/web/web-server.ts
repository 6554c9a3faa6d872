import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { DeviceError, UsageError } from '../errors.js';
import { Access } from './access.js';
import type { ListenAddress } from './listen-address.js';
import { RateLimit } from './rate-limit.js';

/** Answers a request; gives false where the path is not its own. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

export interface WebServerOptions {
  listen: ListenAddress;
  token?: string;
  origins?: readonly string[];
  /** Certificate chain and key, PEM; with them the server speaks TLS only. */
  tls?: { certificate: string | Buffer; key: string | Buffer };
  /** WebSockets at once. Default 256. */
  maxClients?: number;
  /** New connections per second from one address, after a burst of five times as many. Default 10. */
  connectsPerSecond?: number;
  /** Largest message of a client, bytes; a larger one ends its connection with code 1009. Default 1 MiB. */
  maxPayload?: number;
  /** Subprotocols, best first; a client that offers none of them is turned away. */
  protocols: readonly string[];
  /** Path of WebSockets. */
  path: string;
  /** Whether new clients are taken; those that come otherwise get 503. Default always. */
  takesClients?: () => boolean;
  handlers: readonly RequestHandler[];
  onSocket: (socket: WebSocket, request: IncomingMessage) => void;
  /** Told of every client that is turned away. */
  onRefused?: (reason: RefusalReason) => void;
}

type RefusalReason = 'access' | 'full' | 'rate' | 'malformed';

/** An HTTP server with one WebSocket end point, closed to whom {@link Access} and its limits turn away. */
export class WebServer {
  readonly access: Access;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #rate: RateLimit;

  private constructor(private readonly options: WebServerOptions) {
    const { listen, token, origins, tls, protocols, maxPayload = 2 ** 20, connectsPerSecond = 10 } = options;
    this.access = new Access({ host: listen.host, token, origins });
    this.#rate = new RateLimit(5 * connectsPerSecond, connectsPerSecond);
    this.#server =
      tls === undefined ? createServer() : createTlsServer({ cert: tls.certificate, key: tls.key });
    // A client that dawdles over its headers holds a connection no longer than this.
    this.#server.headersTimeout = 10_000;
    this.#server.requestTimeout = 15_000;
    this.#server.maxHeadersCount = 64;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload,
      // Compression costs memory per client and lets small messages unfold into large ones.
      perMessageDeflate: false,
      handleProtocols: (offered) => protocols.find((one) => offered.has(one)) ?? false,
    });
    this.#server.on('request', (request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (_error, socket) => {
      options.onRefused?.('malformed');
      socket.destroy();
    });
  }

  /**
   * Starts to listen.
   *
   * @throws UsageError `E_TOKEN_NEEDED`, `E_TOKEN_SHORT`, `E_TLS` for a certificate and key that do not fit
   * @throws DeviceError `E_PORT_IN_USE`, `E_LISTEN_FAILED`
   */
  static async start(options: WebServerOptions): Promise<WebServer> {
    const web = create(options, () => new WebServer(options));
    const { host, port } = options.listen;
    await new Promise<void>((resolve, reject) => {
      web.#server.once('error', (error) => reject(listenError(error, options.listen)));
      web.#server.listen(port, host, () => resolve());
    });
    // What goes wrong from now on concerns one connection.
    web.#server.removeAllListeners('error').on('error', () => {});
    return web;
  }

  /** Where it listens; the port is the real one. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    const host = family === 'IPv6' ? `[${address}]` : address;
    return `${this.options.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  }

  get clients(): ReadonlySet<WebSocket> {
    return this.#sockets.clients;
  }

  /**
   * Takes no more clients, tells those that there are to go (code 1001), and ends when they have, or after `graceMs`.
   */
  async close(graceMs = 2000): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets.clients) socket.close(1001, 'The server is shutting down.');
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#server.closeAllConnections();
    }, graceMs);
    this.#server.closeIdleConnections();
    await closed;
    clearTimeout(timer);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.access.refusal(request);
    if (refusal !== undefined) {
      this.options.onRefused?.('access');
      reply(response, refusal.status, refusal.reason);
      return;
    }
    const path = pathOf(request);
    if (path === undefined) reply(response, 400, 'That is no path.');
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      reply(response, 405, 'Only GET and HEAD.');
    else if (!this.#isHandled(request, response, path)) reply(response, 404, 'There is nothing here.');
  }

  /** A handler that throws costs its request, not the program. */
  #isHandled(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    try {
      return this.options.handlers.some((handler) => handler(request, response, path));
    } catch {
      if (response.headersSent) response.destroy();
      else reply(response, 500, 'That went wrong.');
      return true;
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) {
      this.options.onRefused?.(refusal.counter);
      const lines = [
        `HTTP/1.1 ${refusal.status} ${refusal.reason}`,
        'Connection: close',
        'Content-Length: 0',
        '',
        '',
      ];
      socket.end(lines.join('\r\n'));
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      // Its own violations of the protocol end it; they are no matter of the program's.
      client.on('error', () => {});
      this.options.onSocket(client, request);
    });
  }

  #refusalOf(
    request: IncomingMessage,
  ): { status: number; reason: string; counter: RefusalReason } | undefined {
    const { path, protocols, maxClients = 256 } = this.options;
    const denied = this.access.refusal(request);
    if (denied !== undefined) return { ...denied, counter: 'access' };
    if (pathOf(request) !== path)
      return { status: 404, reason: 'There is nothing here.', counter: 'malformed' };
    if (!offersProtocol(request, protocols))
      return {
        status: 400,
        reason: `Offer one of the subprotocols ${protocols.join(', ')}.`,
        counter: 'malformed',
      };
    if (!this.#rate.take(request.socket.remoteAddress ?? ''))
      return { status: 429, reason: 'Too many connections.', counter: 'rate' };
    if (this.#sockets.clients.size >= maxClients || this.options.takesClients?.() === false)
      return { status: 503, reason: 'The server takes no more clients.', counter: 'full' };
    return undefined;
  }
}

/** Answers a request with a line of text. */
export function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${text}\n`);
}

function offersProtocol({ headers }: IncomingMessage, protocols: readonly string[]): boolean {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  return protocols.some((one) => offered.includes(one));
}

function pathOf({ url = '' }: IncomingMessage): string | undefined {
  try {
    return new URL(url, 'http://host').pathname;
  } catch {
    return undefined;
  }
}

function create(options: WebServerOptions, make: () => WebServer): WebServer {
  try {
    return make();
  } catch (error) {
    if (options.tls === undefined || error instanceof UsageError) throw error;
    throw new UsageError('E_TLS', 'The certificate and its key cannot be used.', {
      hint: 'Give PEM files that belong together.',
      cause: error,
    });
  }
}

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress): DeviceError {
  if (error.code === 'EADDRINUSE')
    return new DeviceError('E_PORT_IN_USE', `Another program listens on port ${port} already.`, {
      hint: 'Choose another port, or 0 for any that is free.',
      cause: error,
    });
  return new DeviceError(
    'E_LISTEN_FAILED',
    `Cannot listen on ${host}, port ${port}: ${error.code ?? error.message}.`,
    {
      hint: 'Use an address of this machine, and a port above 1023.',
      cause: error,
    },
  );
}
