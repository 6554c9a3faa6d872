import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE, Connection, type ConnectionOptions } from '../../src/web/connection.js';
import { until } from '../support/until.js';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** Both ends of a connection, and the code that the client's end was closed with. */
async function connect(options: ConnectionOptions, client: { autoPong?: boolean } = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, client);
  open.push(() => {
    socket.terminate();
    server.close();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const [[peer]] = (await Promise.all([accepted, once(socket, 'open')])) as [[WebSocket], unknown];
  return { connection: new Connection(peer, options), socket, closed };
}

describe('a connection', () => {
  it('tells a client why it is let go', async () => {
    const { connection, closed } = await connect({});
    connection.close(CLOSE.flood, 'Too many messages.');
    expect(await closed).toBe(CLOSE.flood);
  });

  it('lets a client go that does not answer', async () => {
    const { closed } = await connect({ idleMs: 40 }, { autoPong: false });
    expect(await closed).toBe(CLOSE.idle);
  });

  it('leaves frames out where too much waits, counts them, and tells a client that reads again in time', async () => {
    const { connection, socket, closed } = await connect({ mostBuffered: 1000, slowMs: 0 });
    socket.pause();
    const frame = new Uint8Array(2 ** 20);
    await until(() => !connection.sendFrame(frame));
    expect(connection.missed).toBe(1);
    socket.resume();
    expect(await closed).toBe(CLOSE.slow);
  });

  it('ends one that never reads', async () => {
    const { connection, socket } = await connect({ mostBuffered: 1000, slowMs: 0 });
    socket.pause();
    await until(() => !connection.sendFrame(new Uint8Array(2 ** 20)));
    await until(() => connection.socket.readyState === WebSocket.CLOSED);
  });
});
