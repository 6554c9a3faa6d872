import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { OutputError } from '../../src/errors.js';
import { type AudioFrameFormat, encodeAudioFrame } from '../audio-frame.js';
import { ChunkSink, type SinkFormat } from './audio-sink.js';

export interface WebSocketSinkOptions extends SinkFormat {
  /** How samples travel; default `s16`. */
  sampleFormat?: AudioFrameFormat;
  /** Servers only: bytes that may wait for one client before it is cut off as too slow; default 1 MiB. */
  clientLimitBytes?: number;
}

/**
 * Sends audio in the messages of `audio-frame.ts`: to a server, whose pace then holds the stream back, or, listening, to
 * all clients that connect, of which none can hold up the stream: one that is too slow is cut off and counted.
 */
export class WebSocketSink extends ChunkSink {
  /** Clients cut off because they did not keep up. */
  droppedClients = 0;
  private readonly clients = new Set<WebSocket>();
  private failure: OutputError | undefined;

  private constructor(
    private readonly options: WebSocketSinkOptions,
    private readonly server: WebSocketServer | undefined,
  ) {
    super({ sampleRate: options.sampleRate, channels: options.channels });
  }

  /**
   * Connects to a server.
   *
   * @throws OutputError when that fails.
   */
  static async connect(url: string, options: WebSocketSinkOptions): Promise<WebSocketSink> {
    const sink = new WebSocketSink(options, undefined);
    const socket = new WebSocket(url, { perMessageDeflate: false });
    try {
      await once(socket, 'open');
    } catch (cause) {
      sink.destroy();
      throw new OutputError('E_WEB_SOCKET', `Cannot connect to ${url}: ${(cause as Error).message}.`, {
        cause,
      });
    }
    sink.add(socket);
    socket.on('close', () => {
      if (!sink.writableFinished)
        sink.failure = new OutputError('E_WEB_SOCKET', `${url} closed the connection.`);
    });
    return sink;
  }

  /**
   * Listens for clients.
   *
   * @param host default the loopback address; another one is open to whoever can reach it.
   * @param port 0 for a free one.
   */
  static async listen(
    options: WebSocketSinkOptions & { port: number; host?: string },
  ): Promise<WebSocketSink> {
    const { port, host = '127.0.0.1' } = options;
    const server = new WebSocketServer({ port, host, maxPayload: 1024, perMessageDeflate: false });
    try {
      await once(server, 'listening');
    } catch (cause) {
      throw new OutputError('E_LISTEN', `Cannot listen on ${host}:${port}: ${(cause as Error).message}.`, {
        hint: 'Another program may listen there; choose another port.',
        cause,
      });
    }
    const sink = new WebSocketSink(options, server);
    server.on('connection', (socket) => sink.add(socket));
    return sink;
  }

  /** Port listened on; `undefined` for a client. */
  get port(): number | undefined {
    return this.server === undefined ? undefined : (this.server.address() as AddressInfo).port;
  }

  get clientCount(): number {
    return this.clients.size;
  }

  protected async consume(chunk: AudioChunk): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    const message = encodeAudioFrame(chunk, this.options.sampleFormat);
    if (this.server === undefined) {
      const [socket] = this.clients;
      await new Promise<void>((resolve) =>
        socket === undefined ? resolve() : socket.send(message, () => resolve()),
      );
      if (this.failure !== undefined) throw this.failure;
      return;
    }
    for (const client of this.clients) {
      if (client.bufferedAmount <= (this.options.clientLimitBytes ?? 2 ** 20)) {
        client.send(message, () => {});
        continue;
      }
      this.droppedClients++;
      this.clients.delete(client);
      client.terminate();
    }
  }

  protected override async release(): Promise<void> {
    for (const client of this.clients) client.close(1000);
    this.clients.clear();
    this.server?.close();
  }

  private add(socket: WebSocket): void {
    this.clients.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.clients.delete(socket));
  }
}
