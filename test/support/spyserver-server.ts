import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { until } from './until.js';

const VERSION = (2 << 24) | 1700;
const words = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [n, value] of values.entries()) bytes.writeUInt32LE(value, 4 * n);
  return bytes;
};

export interface ScriptedSpyServerOptions {
  canControl?: boolean;
  /** Bytes of the greeting that are sent; default all. */
  greetingBytes?: number;
}

/** A SpyServer with an Airspy of 10 MS/s, written from the protocol's header file: greets, notes settings, sends what it is told to. */
export class ScriptedSpyServer {
  readonly settings: [setting: number, value: number][] = [];
  readonly hellos: string[] = [];
  sockets: Socket[] = [];
  #server: Server | undefined;
  #port = 0;

  constructor(private readonly options: ScriptedSpyServerOptions = {}) {}

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<this> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  #serve(socket: Socket): void {
    this.sockets.push(socket);
    socket.on('error', () => {});
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 8 && pending.length >= 8 + pending.readUInt32LE(4)) {
        const body = pending.subarray(8, 8 + pending.readUInt32LE(4));
        if (pending.readUInt32LE(0) === 0) this.#greet(socket, body);
        else this.settings.push([body.readUInt32LE(0), body.readUInt32LE(4)]);
        pending = pending.subarray(8 + body.length);
      }
    });
  }

  #greet(socket: Socket, hello: Buffer): void {
    this.hellos.push(hello.toString('ascii', 4));
    const info = words(1, 0xabc, 10_000_000, 8_000_000, 8, 1, 21, 24e6, 1.8e9, 12, 0, 0);
    const control = this.options.canControl === false ? 0 : 1;
    const sync = words(control, 10, 100e6, 100e6, 100e6, 96e6, 104e6, 96e6, 104e6);
    const greeting = Buffer.concat([message(0, info), message(1, sync)]);
    socket.write(greeting.subarray(0, this.options.greetingBytes ?? greeting.length));
  }

  /** Sends 16-bit samples, each value its place. */
  send(count: number, from = 0): void {
    const samples = Int16Array.from({ length: 2 * count }, (_, n) => from + n);
    this.sendRaw(message(101, Buffer.from(samples.buffer)));
  }

  sendRaw(bytes: Buffer): void {
    this.sockets.at(-1)!.write(bytes);
  }

  /** Resolves when so many clients have come in all. */
  clients(count: number): Promise<void> {
    return until(() => this.hellos.length >= count);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.sockets = [];
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
    this.#server = undefined;
  }
}

export const message = (type: number, body: Buffer, version = VERSION): Buffer =>
  Buffer.concat([words(version, type, 1, 0, body.length), body]);
export const oversized = (): Buffer => words(VERSION, 101, 1, 0, 2 ** 30);
