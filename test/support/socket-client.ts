import { WebSocket } from 'ws';
import { until } from './until.js';

/** A WebSocket client that sends whatever it is told to, and keeps what comes back. */
export class SocketClient<M extends { type: string }> {
  readonly messages: M[] = [];
  readonly frames: Uint8Array[] = [];
  closed: { code: number; reason: string } | undefined;
  failed: Error | undefined;
  readonly socket: WebSocket;

  constructor(url: string, protocol: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), protocol, { headers });
    this.socket.on('message', (data: Buffer, isBinary) =>
      isBinary ? this.frames.push(Uint8Array.from(data)) : this.messages.push(JSON.parse(String(data))),
    );
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    this.socket.on('error', (error) => {
      this.failed = error;
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message of a type, when it is there. */
  async message<T extends M['type']>(type: T): Promise<Extract<M, { type: T }>> {
    await until(() => this.messages.some((one) => one.type === type) || this.closed !== undefined);
    const found = this.messages.find((one) => one.type === type);
    if (found === undefined) throw new Error(`closed with ${JSON.stringify(this.closed)} before ${type}`);
    return found as Extract<M, { type: T }>;
  }

  close(): void {
    this.socket.terminate();
  }
}
