import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import type { LiveEvent } from '../../../streams/live/events.js';
import type { LevelsFrame } from '../../../streams/live/listen-options.js';
import type { SpectrumFrame } from '../../../streams/live/spectrum-taker.js';
import { openSource } from '../../../streams/sources/open-source.js';
import { wavBytes } from '../../cli/support/wav-bytes.js';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { halving, rms, startLive } from '../../support/live-session.js';
import { ManualClock } from '../../support/manual-clock.js';
import { turns, until } from '../../support/until.js';
import { air, modulate, noise, tones } from '../radio/signals.js';

const RATE = 16_000;
let folder: string;
let recording: string;
let keyed: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'listeners-'));
  recording = join(folder, 'band.cu8');
  const tone = Float32Array.from(
    { length: 1.5 * RATE },
    (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / RATE),
  );
  writeFileSync(recording, transmission(tone));
  // Noise, half a second of a transmission, noise.
  keyed = join(folder, 'keyed.cf32');
  const parts = [noise(0.5), air(modulate('nbfm', tones(0.5), 250_000), 20_000, 16), noise(0.5)];
  writeFileSync(keyed, Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const audioOf = (chunks: readonly AudioChunk[]) =>
  Float32Array.from(chunks.flatMap(({ samples }) => [...samples[0]]));
const never = () => new Promise<void>(() => {});

describe('listeners of a live session', () => {
  it('change nothing: the audio is the same to the bit, also with some that are stuck, fail, or write into what they get', async () => {
    const alone = await startLive(recording, { denoiser: halving });
    await alone.session.done;
    const { session, sink } = await startLive(recording, { denoiser: halving });
    for (const what of ['received', 'denoised', 'output'] as const) {
      session.attach(({ samples }) => void samples[0].fill(9), { what });
      session.attach(never, { what, budget: { queue: 2 } });
      session.attach(() => Promise.reject(new Error('broken')), { what });
    }
    session.attach(({ samples }) => void samples.fill(0), { what: 'iq' });
    session.attach(never, { what: 'spectrum', perSecond: 200, budget: { whenSlow: 'drop', queue: 1 } });
    session.attach(never, { what: 'levels' });
    session.attach(never, { what: 'events' });
    await session.done;
    expect(sink.audio).toEqual(alone.sink.audio);
  });

  it('hear the audio before and behind the denoiser, from when they come until they go', async () => {
    const { session, sink } = await startLive(recording, { denoiser: halving });
    const received: AudioChunk[] = [];
    const denoised: AudioChunk[] = [];
    const all = { queue: 10_000 };
    session.attach((chunk) => void received.push(chunk), { what: 'received', budget: all });
    const attached = session.attach((chunk) => void denoised.push(chunk), { what: 'denoised', budget: all });
    await until(() => denoised.length > 10);
    attached.detach();
    const heard = denoised.length;
    await session.done;
    await until(() => audioOf(received).length === sink.audio.length);
    expect(denoised.length).toBe(heard);
    expect(attached.stats).toEqual({ delivered: heard, missed: 0 });
    expect(audioOf(received).map((x) => x / 2)).toEqual(sink.audio);
    expect(audioOf(denoised)).toEqual(sink.audio.subarray(0, audioOf(denoised).length));
    expect(received[5]).toMatchObject({
      squelchOpen: true,
      snrDb: expect.any(Number),
      carrierDb: expect.any(Number),
    });
  });

  it('hear the noise of the aerial while the squelch is shut and the outputs are silent', async () => {
    const { session, sink } = await startLive(keyed, {
      source: await openSource(`iq:${keyed}`, {
        pace: 'fast',
        recording: { sampleRate: 250_000, centreHz: 145e6 },
      }),
      radio: { frequencyHz: 145.02e6, squelch: { kind: 'noise' } },
      denoiser: halving,
    });
    const denoised: AudioChunk[] = [];
    session.attach((chunk) => void denoised.push(chunk), { what: 'denoised', budget: { queue: 10_000 } });
    await session.done;
    await until(() => audioOf(denoised).length === sink.audio.length);
    const shut = denoised.filter(({ squelchOpen }) => squelchOpen === false);
    expect(rms(audioOf(shut))).toBeGreaterThan(0.03);
    expect(rms(sink.audio.subarray(0, 0.5 * RATE))).toBe(0);
    expect(rms(sink.audio.subarray(0.6 * RATE, RATE))).toBeGreaterThan(0.05);
    expect(rms(sink.audio.subarray(1.1 * RATE))).toBe(0);
    // Of the noise before the squelch shuts, as much is cut as the denoiser surely knows of in time: 16 ms.
    const closing = denoised.filter(({ squelchClosing }) => squelchClosing);
    expect(audioOf(closing).length).toBe(256);
    const from = Number(closing[0].firstSample) + 64;
    expect(rms(sink.audio.subarray(from))).toBe(0);
  });

  it('see spectra of the radio and of the audio', async () => {
    const { session } = await startLive(recording);
    const band: SpectrumFrame[] = [];
    const audio: SpectrumFrame[] = [];
    session.attach((frame) => void band.push(frame), { what: 'spectrum', perSecond: 20 });
    session.attach((frame) => void audio.push(frame), { what: 'spectrum', of: 'received', size: 512 });
    await session.done;
    await turns();
    expect(band).toHaveLength(30);
    expect(audio).toHaveLength(15);
    const peakHz = ({ powerDb, firstHz, stepHz }: SpectrumFrame, from = 0) => {
      const part = powerDb.subarray(from);
      return firstHz + (from + part.indexOf(Math.max(...part))) * stepHz;
    };
    const { centreHz, rate, tuneHz } = TRANSMISSION;
    expect(band[9].powerDb).toHaveLength(1024);
    expect(band[9]).toMatchObject({ firstHz: centreHz - rate / 2, stepHz: rate / 1024 });
    expect(Math.abs(peakHz(band[9]) - 99.95e6)).toBeLessThan(300);
    expect(Math.abs(peakHz(band[9], 512) - tuneHz)).toBeLessThan(6000);
    expect(Math.abs(peakHz(audio[9]) - 1000)).toBeLessThan(32);
    for (let n = 1; n < band.length; n++) expect(band[n].seconds - band[n - 1].seconds).toBeCloseTo(0.05, 9);
  });

  it('see levels in step with the audio', async () => {
    const { session } = await startLive(recording, { denoiser: halving });
    const frames: LevelsFrame[] = [];
    session.attach((frame) => void frames.push(frame), { what: 'levels', perSecond: 20 });
    await session.done;
    await turns();
    expect(frames.length).toBeGreaterThan(28);
    const { input, output, squelchOpen, snrDb } = frames[20];
    expect(input.rmsDb! - output.rmsDb!).toBeCloseTo(6, 0);
    expect(squelchOpen).toBe(true);
    expect(snrDb).toBeGreaterThan(20);
  });
});

describe('a slow listener', () => {
  it('misses the oldest items, and it and everybody else is told how many', async () => {
    const clock = new ManualClock();
    const { session } = await startLive(recording, { clock });
    const events: LiveEvent[] = [];
    session.attach((event) => void events.push(event), { what: 'events' });
    const missed: number[] = [];
    let goOn = () => {};
    const listener = async (_chunk: AudioChunk, left: number) => {
      missed.push(left);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    };
    const { stats } = session.attach(listener, { what: 'output', name: 'phone', budget: { queue: 3 } });
    await session.done;
    await turns();
    expect(stats.missed).toBeGreaterThan(20);
    goOn();
    await turns();
    expect(missed).toEqual([0, stats.missed]);
  });

  it('is told of by an event at most every 2 s', async () => {
    const clock = new ManualClock();
    const { session, sink } = await startLive(recording, { clock });
    const events: LiveEvent[] = [];
    session.on('event', (event) => events.push(event));
    const { stats } = session.attach(never, { what: 'output', name: 'phone', budget: { queue: 1 } });
    await until(() => stats.missed > 2);
    expect(events).toEqual([]);
    const { missed } = stats;
    clock.advance(2000);
    expect(events).toMatchObject([{ kind: 'listener-thinned', listener: 'phone', missed }]);
    await session.done;
    expect(sink.audio.length).toBeGreaterThan(1.4 * RATE);
  });

  it('is detached if that is its budget, and so is one that fails', async () => {
    const { session } = await startLive(recording);
    const events: LiveEvent[] = [];
    session.on('event', (event) => events.push(event));
    session.attach(never, { what: 'output', name: 'slow', budget: { queue: 2, whenSlow: 'drop' } });
    const fail = () => {
      throw new Error('broken');
    };
    session.attach(fail, { what: 'denoised', name: 'bad' });
    await session.done;
    const dropped = events.flatMap((event) => (event.kind === 'listener-dropped' ? [event] : []));
    expect(dropped.map(({ listener, error }) => [listener, error.code]).sort()).toEqual([
      ['bad', 'E_UNEXPECTED'],
      ['slow', 'E_LISTENER_SLOW'],
    ]);
  });

  it('that keeps the event loop busy rests for four times as long', async () => {
    const clock = new ManualClock();
    const { session } = await startLive(recording, { clock });
    let calls = 0;
    const { stats } = session.attach(
      () => {
        calls++;
        clock.advance(10);
      },
      { what: 'output', budget: { queue: 1000 } },
    );
    await session.done;
    await turns();
    expect(calls).toBe(1);
    clock.advance(29);
    await turns();
    expect(calls).toBe(1);
    clock.advance(1);
    await turns();
    expect(calls).toBe(2);
    expect(stats.missed).toBe(0);
  });
});

describe('attaching', () => {
  it.each([
    [{ what: 'music' }, 'nothing called'],
    [{ what: 'output', size: 512 }, 'size'],
    [{ what: 'levels', of: 'iq' }, 'of'],
    [{ what: 'levels', perSecond: 0 }, 'frames per second'],
  ])('refuses %j', async (options, message) => {
    const { session } = await startLive(recording);
    expect(() => session.attach(() => {}, options as { what: 'output' })).toThrow(message);
    session.stop();
    await session.done;
  });

  it('refuses radio samples where the source gives audio', async () => {
    const path = join(folder, 'talk.wav');
    writeFileSync(path, wavBytes([new Float32Array(1600)]));
    const source = await openSource(path, { pace: 'fast' });
    const { session } = await startLive('', { source, radio: undefined });
    expect(() => session.attach(() => {}, { what: 'iq' })).toThrow('audio, not radio');
    await session.done;
  });
});
