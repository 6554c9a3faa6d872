/** 200 clients on one session, of which 20 read slowly and 5 not at all: told by counts, never by the clock. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { LiveTarget } from '../../src/monitor/live-target.js';
import { decodeAudioFrame, packSamples } from '../../src/web/audio-frame.js';
import { ChunkSource } from '../../streams/sources/chunk-source.js';
import { halving, startLive } from '../support/live-session.js';
import { until } from '../support/until.js';
import { Client, open, startMonitor, useMonitors } from './support.js';

const CLIENTS = 200;
const SLOW = 20;
const SILENT = 5;
/** Samples of a chunk, and chunks that are sent at most: enough to fill what the system buffers for a connection. */
const LENGTH = 8000;
const MOST_CHUNKS = 2000;
/** Bytes that may wait for a client. */
const MOST_BUFFERED = 2 ** 16;

/** Gives a chunk when it is told to. */
class PushedSource extends ChunkSource<AudioChunk> {
  readonly kind = 'audio';
  readonly sampleRate = 16_000;
  readonly channels = 1;
  readonly live = true;
  #pushed = 0;

  give(): void {
    const n = this.#pushed++;
    const samples = Float32Array.from({ length: LENGTH }, (_, k) => 0.5 * Math.sin(0.001 * (n + 1) * k));
    this.offer({ samples: [samples], sampleRate: this.sampleRate });
  }

  override finish(): void {
    super.finish();
  }
}

async function startPushed() {
  const source = new PushedSource({ maxQueueSeconds: 1e6 });
  const started = await startLive('', { source, realtime: true, denoiser: halving, radio: undefined });
  return { ...started, source };
}

useMonitors();

it('serves 175 clients whole, drops 25 that do not keep up, and its audio does not change', async () => {
  const alone = await startPushed();
  const { session, sink, source } = await startPushed();
  open.push({ close: () => session.done.catch(() => {}) }, { close: () => session.stop() });
  const logged: { msg: string; code?: number }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line)) });
  const monitor = await startMonitor({
    ...{ target: new LiveTarget(session), log, maxClients: CLIENTS, connectsPerSecond: 10_000 },
    ...{ mostBuffered: MOST_BUFFERED, slowMs: 1 },
  });
  const clients: Client[] = [];
  for (let n = 0; n < CLIENTS; n++) clients.push(await Client.welcomed(monitor));
  const behind = clients.slice(0, SLOW + SILENT);
  const readers = clients.slice(SLOW + SILENT);
  const subscribe = (client: Client, codec: string, places: readonly string[]) =>
    client.send({ type: 'subscribe', topics: places.map((place) => ({ topic: 'audio', place, codec })) });
  for (const client of behind) subscribe(client, 'f32', ['received', 'denoised', 'output']);
  for (const client of readers) subscribe(client, 's16', ['output']);
  for (const client of clients) client.send({ type: 'ping', time: 0 });
  for (const client of clients) await client.message('pong');
  for (const client of behind) client.socket.pause();

  let pushed = 0;
  let mostWaiting = 0;
  while (monitor.clientCount > readers.length && pushed < MOST_CHUNKS) {
    source.give();
    alone.source.give();
    pushed++;
    // Slow ones read now and then: the next message, and no more.
    const slow = behind[pushed % SLOW];
    slow.socket.once('message', () => slow.socket.pause());
    slow.socket.resume();
    const frames = sink.chunks.length;
    await until(
      () => source.stats.queuedSamples === 0 && readers.every((one) => one.frames.length >= frames),
    );
    for (const { bufferedAmount } of monitor.web.clients) mostWaiting = Math.max(mostWaiting, bufferedAmount);
  }
  source.finish();
  alone.source.finish();
  await Promise.all([session.done, alone.session.done]);
  await until(() => readers.every((one) => one.frames.length === sink.chunks.length));

  expect(monitor.clientCount).toBe(readers.length);
  expect(logged.filter(({ msg, code }) => msg === 'client gone' && code === 4001).length).toBe(behind.length);
  // A frame that is sent when just less waits than may comes on top.
  expect(mostWaiting).toBeLessThanOrEqual(MOST_BUFFERED + 4 * LENGTH + 1000);
  expect(source.stats.lostSamples).toBe(0n);
  expect(sink.audio.length).toBe(pushed * LENGTH);
  expect(sink.audio).toEqual(alone.sink.audio);
  const expected = packSamples([sink.audio], 's16');
  for (const { frames } of readers) {
    const parts = frames.map(decodeAudioFrame);
    parts.forEach(({ sequence, discontinuity }, n) => {
      if (sequence !== n || discontinuity)
        expect.fail(`frame ${n} is ${sequence}, or something is missing before it`);
    });
    expect(Buffer.concat(parts.map(({ payload }) => payload)).equals(expected)).toBe(true);
  }
}, 300_000);
