import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { AUDIO_FRAME_LIMIT, encodeAudioFrame } from '../../streams/audio-frame.js';
import { WebSocketSink } from '../../streams/sinks/web-socket-sink.js';
import type { SourceNotice } from '../../streams/sources/chunk-source.js';
import { AUDIO_SOCKET_OPTIONS, WebSocketSource } from '../../streams/sources/web-socket.js';
import { ManualClock } from '../support/manual-clock.js';
import { turns, until } from '../support/until.js';
import { RATE, sinkConformance, tone } from './sinks/conformance.js';
import { sourceConformance } from './sources/conformance.js';

const format = { sampleRate: RATE, channels: 1 };
let server: WebSocketServer | undefined;
let peers: WebSocket[] = [];
let sent = 0;

async function listen(): Promise<string> {
  peers = [];
  sent = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...AUDIO_SOCKET_OPTIONS });
  server.on('connection', (socket) => peers.push(socket));
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(): Promise<void> {
  for (const peer of peers) peer.terminate();
  if (server === undefined) return;
  server.close();
  await once(server, 'close');
  server = undefined;
}
afterEach(close);

function send(length: number, firstSample = sent): void {
  peers.at(-1)!.send(encodeAudioFrame(tone(length, firstSample), 'f32'));
  sent = firstSample + length;
}

/** Opens a client; its first message is on its way. */
async function openClient(url: string, clock = new ManualClock()): Promise<WebSocketSource> {
  const opening = WebSocketSource.open(url, { clock });
  await until(() => peers.length > 0);
  send(160);
  return opening;
}

sourceConformance({
  name: 'WebSocket client',
  wanted: 8000,
  open: async () => openClient(await listen()),
  feed: () => peers.length > 0 && peers[0]!.bufferedAmount === 0 && send(160),
  cleanUp: close,
});
sourceConformance({
  name: 'WebSocket at a server',
  wanted: 8000,
  open: async () => {
    const sender = new WebSocket(await listen());
    await once(sender, 'open');
    await until(() => peers.length > 0);
    const accepting = WebSocketSource.accept(peers[0]!, { clock: new ManualClock() });
    peers.push(sender);
    send(160);
    return accepting;
  },
  feed: () => peers[1]!.bufferedAmount === 0 && peers[1]!.readyState === WebSocket.OPEN && send(160),
  cleanUp: close,
});
sinkConformance({
  name: 'WebSocket to a server',
  open: async () => WebSocketSink.connect(await listen(), format),
  cleanUp: close,
});
sinkConformance({ name: 'WebSocket for clients', open: () => WebSocketSink.listen({ ...format, port: 0 }) });

describe('WebSocket audio', () => {
  it('goes from a sink to a source unchanged, gaps included', async () => {
    const sink = await WebSocketSink.listen({ ...format, port: 0, sampleFormat: 'f32' });
    const opening = WebSocketSource.open(`ws://127.0.0.1:${sink.port}`);
    await until(() => sink.clientCount === 1);
    sink.write(tone(160));
    const source = await opening;
    sink.write(tone(160, 160));
    sink.write({ ...tone(160, 420), discontinuity: { lostSamples: 100n, reason: 'test' } });
    const chunks: AudioChunk[] = [];
    source.on('data', (chunk: AudioChunk) => chunks.push(chunk));
    await until(() => chunks.length === 3);
    expect(chunks.map((chunk) => Number(chunk.firstSample))).toEqual([0, 160, 420]);
    expect(chunks[2]!.discontinuity?.lostSamples).toBe(100n);
    expect(chunks[1]!.samples).toEqual(tone(160, 160).samples);
    source.destroy();
    sink.end();
    await finished(sink);
  });

  it('connects again after the connection was lost', async () => {
    const clock = new ManualClock();
    const source = await openClient(await listen(), clock);
    const notices: SourceNotice[] = [];
    source.on('notice', (notice: SourceNotice) => notices.push(notice));
    source.resume();
    peers[0]!.terminate();
    await until(() => source.stats.state === 'retrying' && clock.waiting > 0);
    clock.advance(250);
    await until(() => peers.length === 2);
    send(160);
    await until(() => notices.some(({ kind }) => kind === 'resumed'));
    expect(source.stats.lostSamples).toBe(BigInt(0.25 * RATE - 160));
    source.destroy();
  });

  it('fails when the other end changes its rate: it would do so again', async () => {
    const source = await openClient(await listen(), new ManualClock());
    source.resume();
    const failed = once(source, 'error');
    peers[0]!.send(encodeAudioFrame({ ...tone(160), sampleRate: 48_000 }));
    expect((await failed)[0]).toMatchObject({ code: 'E_FORMAT_CHANGED' });
  });

  it.each([
    ['text', 'hello'],
    ['random bytes', Buffer.from('this is no audio message at all, but it is long enough')],
    ['a message too long', Buffer.alloc(AUDIO_FRAME_LIMIT + 1)],
  ])('refuses %s', async (_, message) => {
    const opening = WebSocketSource.open(await listen()).catch((error: unknown) => error);
    await until(() => peers.length > 0);
    peers[0]!.on('error', () => {});
    peers[0]!.send(message);
    expect(await opening).toMatchObject({ name: 'DeviceError', code: 'E_WEB_SOCKET' });
  });

  it('says that nothing listens', async () => {
    const url = await listen();
    await close();
    await expect(WebSocketSource.open(url)).rejects.toMatchObject({ code: 'E_WEB_SOCKET' });
    await expect(WebSocketSink.connect(url, format)).rejects.toMatchObject({ name: 'OutputError' });
  });

  it('cuts off a client that does not read, and goes on', async () => {
    const sink = await WebSocketSink.listen({ ...format, port: 0, clientLimitBytes: 10_000 });
    const client = new WebSocket(`ws://127.0.0.1:${sink.port}`);
    client.on('error', () => {});
    await once(client, 'open');
    await until(() => sink.clientCount === 1);
    client.pause();
    for (let i = 0; sink.droppedClients === 0; i++) {
      if (!sink.write(tone(16_000, i * 16_000))) await once(sink, 'drain');
      await turns(1);
    }
    expect(sink.clientCount).toBe(0);
    sink.end();
    await finished(sink);
    client.terminate();
  });
});
