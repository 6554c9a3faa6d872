import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePcm } from '../../../src/audio/pcm.js';
import { pressKey } from '../../../src/cli/live/keys.js';
import type { LiveOptions } from '../../../streams/live/live-options.js';
import { LiveSession } from '../../../streams/live/live-session.js';
import { type AudioSink, ChunkSink } from '../../../streams/sinks/audio-sink.js';
import { WavSink } from '../../../streams/sinks/wav-sink.js';
import { IqFileSource } from '../../../streams/sources/iq-file.js';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { Collector, halving, rms, startLive } from '../../support/live-session.js';
import { until } from '../../support/until.js';

const SECONDS = 1.5;
const RATE = 16_000;
const { rate, centreHz, tuneHz } = TRANSMISSION;
let folder: string;
let recording: string;

const tone = Float32Array.from({ length: SECONDS * RATE }, (_, n) =>
  n % 8000 < 6000 ? 0.5 * Math.sin((2 * Math.PI * 1000 * n) / RATE) : 0,
);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'live-session-'));
  recording = join(folder, 'band.cu8');
  writeFileSync(recording, transmission(tone));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const start = (options: Partial<LiveOptions> = {}) => startLive(recording, options);

describe('LiveSession', () => {
  it('receives, denoises and delivers the whole recording, in step', async () => {
    const plain = await start();
    await plain.session.done;
    const halved = await start({ denoiser: halving });
    await halved.session.done;
    expect(plain.session.format).toEqual({ sampleRate: 16_000, channels: 1 });
    expect(plain.sink.audio.length).toBeGreaterThanOrEqual(tone.length);
    expect(halved.sink.audio).toEqual(plain.sink.audio.map((x) => x / 2));
    expect(rms(plain.sink.audio)).toBeCloseTo(rms(tone), 1);
    expect(halved.session.status).toMatchObject({
      source: { kind: 'iq', state: 'ended', lostSeconds: 0 },
      radio: { frequencyHz: tuneHz, mode: 'nbfm', squelchOpen: true },
      denoiser: { strength: 1, overloads: 0, passedThroughSeconds: 0 },
      latency: null,
    });
  });

  it('ends after a duration, to the sample', async () => {
    const { session, sink } = await start({ denoiser: halving, durationSeconds: 0.7 });
    await session.done;
    expect(sink.audio.length).toBe(0.7 * RATE);
    expect(session.status.seconds).toBe(0.7);
  });

  it('can be stopped in the middle, and then all that was on its way is still written', async () => {
    const { session, sink } = await start({ denoiser: halving });
    await until(() => sink.chunks.length > 2);
    session.stop();
    await session.done;
    expect(sink.writableFinished).toBe(true);
    expect(sink.audio.length).toBe(Number(sink.stats.samples));
  });

  it('measures the level and the noise before and after', async () => {
    const { session } = await start({ denoiser: halving });
    await session.done;
    const { input, output } = session.status;
    expect(input.rmsDb! - output.rmsDb!).toBeCloseTo(6, 0);
    expect(Math.abs(input.snrDb! - output.snrDb!)).toBeLessThan(0.2);
  });

  it('changes mode and frequency while it runs', async () => {
    const { session, sink } = await start();
    await until(() => sink.chunks.length > 5);
    expect(await session.radio!.retune(99_950_000)).toBe(99_950_000);
    await session.radio!.setMode('am');
    await session.done;
    expect(session.status.radio).toMatchObject({ frequencyHz: 99_950_000, mode: 'am' });
    expect(rms(sink.audio.subarray(-RATE / 2))).toBeGreaterThan(0.05);
    await expect(session.radio!.retune(101e6)).rejects.toMatchObject({ code: 'E_TUNE_RANGE' });
    expect(session.radio!.frequencyHz).toBe(99_950_000);
  });

  it('refuses a frequency outside the recording', async () => {
    let opened = 0;
    const openSinks = async () => [] as AudioSink[];
    const started = start({
      radio: { frequencyHz: 105e6 },
      openSinks: () => openSinks().finally(() => opened++),
    });
    await expect(started).rejects.toMatchObject({ code: 'E_TUNE_RANGE', exitCode: 2 });
    expect(opened).toBe(0);
  });

  it.each([0, -1, Number.NaN])('refuses to last %d s', async (durationSeconds) => {
    await expect(start({ durationSeconds })).rejects.toMatchObject({ code: 'E_DURATION' });
  });

  it('fails with its source, also while outputs are opened, and closes those', async () => {
    const source = await IqFileSource.open(recording, { sampleRate: rate, centreHz });
    let sink: Collector | undefined;
    const started = start({
      source,
      openSinks: async (format) => {
        source.destroy(new Error('unplugged'));
        await until(() => source.closed);
        sink = new Collector(format);
        return [sink];
      },
    });
    await expect(started).rejects.toThrow('unplugged');
    await until(() => sink?.destroyed === true);
    await expect(start({ source })).rejects.toThrow('unplugged');
  });

  it('ends when somebody else destroys its source', async () => {
    const source = await IqFileSource.open(recording, { sampleRate: rate, centreHz, loop: true });
    const { session, sink } = await start({ source });
    await until(() => sink.chunks.length > 0);
    source.destroy();
    await session.done;
    expect(sink.stats.state).toBe('finished');
  });

  it('gives everything back when an output cannot be opened', async () => {
    const source = await IqFileSource.open(recording, { sampleRate: rate, centreHz });
    let closed = 0;
    const started = LiveSession.start({
      source,
      realtime: false,
      denoiser: (format) => ({ ...halving(format), close: () => void closed++ }),
      openSinks: (format) => WavSink.open(join(folder, 'no', 'such', 'folder.wav'), format).then((s) => [s]),
    });
    await expect(started).rejects.toMatchObject({ code: expect.stringMatching(/^E_/) });
    expect(closed).toBe(1);
    expect(source.destroyed).toBe(true);
  });

  it('ends the other recording whole when one output fails in the middle', async () => {
    class Failing extends ChunkSink {
      protected async consume(): Promise<void> {
        if (this.stats.samples > 5000n) throw Object.assign(new Error('disk'), { code: 'ENOSPC' });
      }
    }
    const path = join(folder, 'other.wav');
    const { session } = await start({
      denoiser: halving,
      openSinks: async (format) => [new Failing(format), await WavSink.open(path, format)],
    });
    await expect(session.done).rejects.toMatchObject({ code: 'E_NO_SPACE' });
    const bytes = await readFile(path);
    expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
    const samples = [new Float32Array((bytes.length - 44) / 2)];
    decodePcm(
      bytes.subarray(bytes.length - 2 * samples[0].length),
      { channels: 1, sampleFormat: 's16' },
      samples,
      samples[0].length,
    );
    expect(samples[0].length).toBeGreaterThan(4000);
  });
});

describe('the key m on a recording', () => {
  it('leaves out modes that do not fit there', async () => {
    const { session, sink } = await start({ radio: { frequencyHz: 100_100_000, mode: 'cw' } });
    await until(() => sink.chunks.length > 0);
    expect(await pressKey(session, 'm')).toBe('Mode NBFM.');
    expect(session.radio!.mode).toBe('nbfm');
    session.stop();
    await session.done;
  });
});
