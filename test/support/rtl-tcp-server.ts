import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { until } from './until.js';

/** The greeting of an rtl_tcp with an R820T: `RTL0`, tuner 5, 29 gains. */
export const R820T_GREETING = Buffer.from([0x52, 0x54, 0x4c, 0x30, 0, 0, 0, 5, 0, 0, 0, 29]);

/** A server that plays rtl_tcp as a test directs it: what it says, when, and how it fails. */
export class ScriptedRtlTcp {
  readonly sockets: Socket[] = [];
  /** All commands received, as [command, value]. */
  readonly commands: [number, number][] = [];
  private buffer: Buffer = Buffer.alloc(0);
  /** Sent to each new client; empty for a server that says nothing. */
  greeting: Buffer = R820T_GREETING;

  private constructor(
    private server: Server,
    readonly port: number,
  ) {}

  static async listen(greeting: Buffer = R820T_GREETING): Promise<ScriptedRtlTcp> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const scripted = new ScriptedRtlTcp(server, (server.address() as AddressInfo).port);
    scripted.greeting = greeting;
    server.on('connection', (socket) => scripted.accept(socket));
    return scripted;
  }

  /** The client that came last. */
  get client(): Socket {
    return this.sockets.at(-1)!;
  }

  async clients(count: number): Promise<void> {
    await until(() => this.sockets.length >= count);
  }

  /** Sends `samples` complex samples of a ramp. */
  send(samples: number): void {
    this.client.write(Buffer.from(Uint8Array.from({ length: 2 * samples }, (_, i) => i & 255)));
  }

  reset(): void {
    this.client.resetAndDestroy();
  }

  /** Closes all connections and stops listening, as a killed server does. */
  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  /** Listens again on the same port. */
  async restart(): Promise<void> {
    this.server = createServer((socket) => this.accept(socket));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  private accept(socket: Socket): void {
    this.buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.buffer = Buffer.concat([this.buffer, bytes]);
      for (; this.buffer.length >= 5; this.buffer = this.buffer.subarray(5))
        this.commands.push([this.buffer[0]!, this.buffer.readUInt32BE(1)]);
    });
    this.sockets.push(socket);
    if (this.greeting.length > 0) socket.write(this.greeting);
  }
}
