/** Clients that mean no good, against both servers: limits hold, nothing ends but their own connection. */
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Client, monitored, open, useMonitors } from '../monitor/support.js';
import { connectClient, startServe } from '../serve/support.js';
import { testSignal } from '../support/tiny-model.js';
import { until } from '../support/until.js';

useMonitors();

/** A server, how its WebSocket is asked for, and whether it still serves a client that behaves. */
const SERVERS = {
  monitor: async () => {
    const { monitor } = await monitored();
    return {
      url: new URL(monitor.web.url),
      path: '/ws',
      protocol: 'denoise.monitor.v1',
      serves: async () => {
        const client = await Client.welcomed(monitor);
        client.send({ type: 'ping', time: 7 });
        await client.message('pong');
        client.socket.terminate();
      },
    };
  },
  serve: async () => {
    const serve = await startServe();
    return {
      url: new URL(serve.url),
      path: '/stream',
      protocol: 'denoise.serve.v1',
      serves: async () => {
        const { client, channel } = await connectClient(serve, { sampleRate: 16_000 });
        await client.send([testSignal(3000)]);
        await client.end();
        expect(channel(0).length).toBe(3000);
      },
    };
  },
};

class Raw {
  received = Buffer.alloc(0);
  isClosed = false;
  readonly socket: Socket;

  constructor({ hostname, port }: URL) {
    this.socket = connect(Number(port), hostname);
    this.socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]);
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    open.push({ close: () => this.socket.destroy() });
  }

  /** Asks for a WebSocket, with more headers. */
  async upgrade(path: string, protocol: string, host: string, extra = ''): Promise<this> {
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${protocol}\r\n${extra}\r\n`,
    );
    await until(() => this.received.includes('\r\n\r\n') || this.isClosed);
    return this;
  }

  get head(): string {
    return this.received.subarray(0, this.received.indexOf('\r\n\r\n')).toString();
  }

  /** The code of a close frame that the server sent, if it did. */
  get closeCode(): number | undefined {
    const at = this.received.lastIndexOf(0x88);
    return at < 0 || at + 4 > this.received.length ? undefined : this.received.readUInt16BE(at + 2);
  }

  /** A frame as a client sends it, masked with zeros. */
  frame(first: number, payload: Buffer): void {
    const length =
      payload.length < 126
        ? Buffer.from([0x80 | payload.length])
        : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 255]);
    this.socket.write(Buffer.concat([Buffer.from([first]), length, Buffer.alloc(4), payload]));
  }
}

describe.each(Object.entries(SERVERS))('%s', (_name, start) => {
  it('does not compress, and ends who sends what is compressed', async () => {
    const { url, path, protocol, serves } = await start();
    const extension = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n';
    const raw = await new Raw(url).upgrade(path, protocol, url.host, extension);
    expect(raw.head).toMatch(/^HTTP\/1.1 101/);
    expect(raw.head.toLowerCase()).not.toContain('permessage-deflate');
    // RSV1 marks a compressed message: a bomb of zeros, as far as anybody unpacked it.
    raw.frame(0xc1, Buffer.alloc(1000));
    await until(() => raw.isClosed);
    expect(raw.closeCode).toBe(1002);
    await serves();
  });

  it.each([
    ['text that is no UTF-8', 0x81, Buffer.from([0xc3, 0x28, 0xff]), 1007],
    ['a reserved opcode', 0x83, Buffer.from('x'), 1002],
    ['a fragmented ping', 0x09, Buffer.from('x'), 1002],
    ['a ping of more than 125 bytes', 0x89, Buffer.alloc(126), 1002],
    ['a continuation of nothing', 0x80, Buffer.from('x'), 1002],
    ['a close with a code that is none', 0x88, Buffer.from([0, 1]), 1002],
  ])('ends who sends %s', async (_what, first, payload, code) => {
    const { url, path, protocol, serves } = await start();
    const raw = await new Raw(url).upgrade(path, protocol, url.host);
    raw.frame(first, payload);
    await until(() => raw.isClosed);
    expect(raw.closeCode).toBe(code);
    await serves();
  });

  it('ends who does not mask, and who says that a huge message comes', async () => {
    const { url, path, protocol, serves } = await start();
    const bare = await new Raw(url).upgrade(path, protocol, url.host);
    bare.socket.write(Buffer.from([0x81, 0x01, 0x61]));
    const huge = await new Raw(url).upgrade(path, protocol, url.host);
    huge.socket.write(Buffer.from([0x82, 0xff, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    await until(() => bare.isClosed && huge.isClosed);
    expect([bare.closeCode, huge.closeCode]).toEqual([1002, 1009]);
    await serves();
  });

  it('turns away other versions and requests that are none', async () => {
    const { url, path, protocol, serves } = await start();
    const other = await new Raw(url).upgrade(path, `${protocol}0`, url.host);
    expect(other.head).toMatch(/^HTTP\/1.1 400/);
    const post = new Raw(url);
    post.socket.write(`POST / HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 0\r\n\r\n`);
    await until(() => post.received.includes('405'));
    const garbage = new Raw(url);
    garbage.socket.write('\x16\x03\x01 this is no HTTP\r\n\r\n');
    await until(() => garbage.isClosed);
    const long = new Raw(url);
    long.socket.write(`GET / HTTP/1.1\r\nHost: ${url.host}\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`);
    await until(() => long.isClosed || long.received.includes('431'));
    await serves();
  });

  it('serves on beside sockets that are half open, and connections that come and go by hundreds', async () => {
    const { url, path, protocol, serves } = await start();
    const half = Array.from({ length: 50 }, () => new Raw(url));
    for (const one of half) one.socket.write(`GET ${path} HTTP/1.1\r\nHost: `);
    const upgraded = await new Raw(url).upgrade(path, protocol, url.host);
    upgraded.socket.write(Buffer.from([0x81]));
    upgraded.socket.end();
    for (let n = 0; n < 300; n++) {
      const passing = new Raw(url);
      await until(() => passing.socket.readyState === 'open' || passing.isClosed);
      if (n % 2 === 0) passing.socket.resetAndDestroy();
      else passing.socket.destroy();
    }
    await serves();
  });
});
