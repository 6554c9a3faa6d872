import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { DenoiseError } from '../../../src/errors.js';
import { Demodulate, type DemodulateOptions } from '../../../streams/radio/demodulate.js';
import { throughAir } from '../../../streams/radio/modulate/air.js';
import { modulateAm } from '../../../streams/radio/modulate/am.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { modulateSsb } from '../../../streams/radio/modulate/ssb.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';

function chunk(firstSample: number, samples: number, rest: Partial<IqChunk> = {}): IqChunk {
  return {
    samples: new Uint8Array(2 * samples).fill(140),
    format: 'cu8',
    sampleRate: 250_000,
    centreHz: 100e6,
    firstSample: BigInt(firstSample),
    ...rest,
  };
}

async function demodulate(
  chunks: IqChunk[],
  options: DemodulateOptions = { tuneHz: 100e6, mode: 'nbfm' },
): Promise<AudioChunk[]> {
  const out: AudioChunk[] = [];
  for await (const audio of Readable.from(chunks).pipe(new Demodulate(options)))
    out.push(audio as AudioChunk);
  return out;
}

const total = (chunks: AudioChunk[]) => chunks.reduce((sum, { samples }) => sum + samples[0].length, 0);

describe('Demodulate', () => {
  it('turns IQ chunks into audio chunks that follow each other without a gap', async () => {
    const out = await demodulate([chunk(0, 25_000), chunk(25_000, 25_000)]);
    let next = 0n;
    for (const { samples, sampleRate, firstSample, discontinuity } of out) {
      expect(sampleRate).toBe(48_000);
      expect(firstSample).toBe(next);
      expect(discontinuity).toBeUndefined();
      next += BigInt(samples[0].length);
    }
    expect(total(out)).toBeGreaterThan(9_600);
  });

  it('passes a gap on, counted in audio samples, and its reason', async () => {
    const lost = { lostSamples: 50_000n, reason: 'unplugged' };
    const out = await demodulate([chunk(0, 25_000), chunk(75_000, 25_000, { discontinuity: lost })]);
    const after = out.find(({ discontinuity }) => discontinuity !== undefined)!;
    expect(after.discontinuity).toEqual({ lostSamples: 9_600n, reason: 'unplugged' });
    const before = out[0];
    expect(after.firstSample).toBe(before.firstSample + BigInt(before.samples[0].length) + 9_600n);
  });

  it('keeps to the time of the source through many breaks, also at odd places', async () => {
    const length = 20_003;
    const again = { lostSamples: 0n, reason: 'the recording starts again' };
    const chunks = Array.from({ length: 50 }, (_, n) =>
      chunk(n * length, length, n === 0 ? {} : { discontinuity: again }),
    );
    const out = await demodulate(chunks);
    const begins = out.filter(({ discontinuity }) => discontinuity !== undefined);
    expect(begins).toHaveLength(49);
    for (const [n, { firstSample }] of begins.entries()) {
      const due = ((n + 1) * length * 48_000) / 250_000;
      // Up to the filters' rounding of one piece.
      expect(Number(firstSample) - due).toBeGreaterThan(-1);
      expect(Number(firstSample) - due).toBeLessThan(5);
    }
  });

  it('goes on where samples are numbered from the start again', async () => {
    const out = await demodulate([chunk(50_000, 25_000), chunk(0, 25_000)]);
    expect(total(out)).toBeGreaterThan(9_600);
  });

  it('keeps the gain of a weak band through lost samples and a retune', async () => {
    const sent = modulateSsb(
      Float32Array.from({ length: 48_000 }, (_, n) =>
        n > 8_000 && n % 9_600 < 6_400 ? 0.5 * Math.sin((2 * Math.PI * 800 * n) / 16_000) : 0,
      ),
      { audioRate: 16_000, rate: 250_000, sideband: 'usb' },
    );
    const air = { rate: 250_000, offsetHz: 0, cnrDb: 40, channelHz: 2_700, level: 0.002, seed: 3 };
    const samples = throughAir(sent, air);
    const part = (at: number): IqChunk => ({ ...chunk(at, 1), samples, format: 'cf32' });
    const stream = new Demodulate({ tuneHz: 100e6, mode: 'usb', audioRate: 16_000 });
    stream.resume();
    stream.write(part(0));
    const gain = stream.receiver!.agcGain;
    expect(gain).toBeGreaterThan(10);
    stream.write(part(samples.length));
    expect(stream.receiver!.agcGain / gain).toBeCloseTo(1, 1);
    stream.retune(100.005e6);
    expect(stream.receiver!.agcGain / gain).toBeCloseTo(1, 1);
    stream.destroy();
  });

  it('tells once of samples that are no numbers, and is silent there', async () => {
    const broken = { samples: new Float32Array(50_000).fill(Number.NaN), format: 'cf32' } as const;
    const stream = new Demodulate({ tuneHz: 100e6, mode: 'am' });
    let told = 0;
    stream.on('broken', () => told++);
    for (const piece of [chunk(0, 25_000), chunk(25_000, 25_000, broken), chunk(50_000, 25_000, broken)])
      stream.write(piece);
    stream.end();
    const sound = (await stream.toArray()).flatMap(({ samples }: AudioChunk) => [...samples[0]]);
    expect(told).toBe(1);
    expect(sound.every(Number.isFinite)).toBe(true);
  });

  it('notices missing samples that the source did not tell of', async () => {
    const out = await demodulate([chunk(0, 25_000), chunk(30_000, 25_000)]);
    expect(out[1].discontinuity).toEqual({ lostSamples: 960n, reason: '5000 radio samples are missing' });
  });

  it('stays on its frequency when the centre moves, and follows a change of the rate', async () => {
    const stream = new Demodulate({ tuneHz: 100.01e6, mode: 'am' });
    stream.write(chunk(0, 5_000));
    stream.write(chunk(5_000, 5_000, { centreHz: 100.05e6 }));
    stream.write(chunk(10_000, 5_000, { sampleRate: 1_024_000 }));
    stream.end();
    for await (const _ of stream);
    expect(stream.receiver!.options).toMatchObject({
      tuneHz: 100.01e6,
      inputRate: 1_024_000,
      centreHz: 100e6,
    });
  });

  it('ends in a plain error when the channel lies outside the band', async () => {
    const attempt = demodulate([chunk(0, 100)], { tuneHz: 101e6, mode: 'nbfm' });
    await expect(attempt).rejects.toThrow(DenoiseError);
    await expect(attempt).rejects.toMatchObject({ code: 'E_TUNE_RANGE' });
  });

  it.each([
    ['nbfm', 16_000, 'wbfm', 48_000],
    ['wbfm', 48_000, 'usb', 16_000],
    ['cw', 16_000, 'am', 16_000],
  ] as const)(
    'goes from %s at %i Hz to %s at %i Hz without a gap in time',
    async (from, oldRate, to, newRate) => {
      const stream = new Demodulate({ tuneHz: 100e6, mode: from, audioRate: oldRate });
      const out: AudioChunk[] = [];
      stream.on('data', (audio: AudioChunk) => out.push(audio));
      stream.write(chunk(0, 25_001));
      stream.setMode(to, newRate);
      stream.end(chunk(25_001, 24_999));
      await finished(stream);
      let endSeconds = 0;
      for (const { samples, sampleRate, firstSample } of out) {
        expect(Math.abs(Number(firstSample) / sampleRate - endSeconds)).toBeLessThan(0.6 / 16_000);
        endSeconds = (Number(firstSample) + samples[0].length) / sampleRate;
      }
      const { latencySeconds } = stream.receiver!;
      expect(Math.abs(endSeconds - 0.2 - latencySeconds)).toBeLessThan(3 / 16_000);
      const breaks = out.filter(({ discontinuity }) => discontinuity !== undefined);
      expect(breaks.map(({ discontinuity }) => discontinuity!.lostSamples)).toEqual(
        newRate === oldRate ? [] : [0n],
      );
    },
  );

  it('takes up what is chosen for a mode, at the start and at every change', async () => {
    const stream = new Demodulate({ tuneHz: 100e6, mode: 'wbfm', audioRate: 16_000 }, (mode) =>
      mode === 'wbfm' ? { deemphasisUs: 50, bandwidthHz: 150_000 } : { agc: 'fast' },
    );
    stream.resume().write(chunk(0, 5_000));
    expect(stream.receiver!.options).toMatchObject({ deemphasisUs: 50, bandwidthHz: 150_000 });
    stream.setMode('usb');
    expect(stream.receiver!.options).toMatchObject({ deemphasisUs: 0, bandwidthHz: 2_700, agc: 'fast' });
    stream.setMode('wbfm');
    stream.write(chunk(5_000, 5_000, { sampleRate: 1_024_000 }));
    expect(stream.receiver!.options).toMatchObject({ deemphasisUs: 50, bandwidthHz: 150_000 });
    stream.destroy();
  });

  it.each(['nbfm', 'am', 'usb'] as const)(
    'in %s goes to another carrier without a click, a gap in time, or a jump in the numbers',
    async (mode) => {
      const rate = 250_000;
      const sine = Float32Array.from(
        { length: 16_000 },
        (_, n) => 0.5 * Math.sin((2 * Math.PI * 400 * n) / 16_000),
      );
      const place = { audioRate: 16_000, rate };
      const sent =
        mode === 'nbfm'
          ? modulateFm(sine, { ...place, deviationHz: 5_000, audioHz: 3_000 })
          : mode === 'am'
            ? modulateAm(sine, place)
            : modulateSsb(sine, { ...place, sideband: 'usb' });
      const at = (offsetHz: number) =>
        throughAir(sent, { rate, offsetHz, cnrDb: 60, channelHz: 10_000, level: 0.2, seed: 3 });
      const [here, there] = [at(20_000), at(-30_000)];
      const samples = here.map((x, n) => x + there[n]);
      const stream = new Demodulate({ tuneHz: 100.02e6, mode, audioRate: 16_000 });
      const out: AudioChunk[] = [];
      stream.on('data', (audio: AudioChunk) => out.push(audio));
      const half = samples.length / 2;
      const part = (from: number, to: number): IqChunk => ({
        ...chunk(from / 2, 1),
        samples: samples.slice(from, to),
        format: 'cf32',
      });
      stream.write(part(0, half));
      expect(() => stream.retune(200e6)).toThrow(DenoiseError);
      stream.retune(99.97e6);
      stream.end(part(half, samples.length));
      await finished(stream);
      const sound = Float32Array.from(out.flatMap((piece) => [...piece.samples[0]]));
      expect(sound.length).toBe(16_000 + stream.receiver!.latencySamples);
      const largest = (from: number, to: number) => {
        let most = 0;
        for (let n = from; n < to; n++)
          most = Math.max(most, Math.abs(sound[n] - 2 * sound[n - 1] + sound[n - 2]));
        return most;
      };
      const rest = Math.max(largest(4_000, 7_500), largest(12_000, 15_000));
      expect(largest(7_900, 9_000) / rest).toBeLessThan(1.3);
      let next = 0n;
      for (const {
        firstSample,
        samples: [heard],
        discontinuity,
      } of out) {
        expect(firstSample).toBe(next);
        expect(discontinuity).toBeUndefined();
        next += BigInt(heard.length);
      }
    },
  );

  it('refuses a mode whose channel does not fit, and goes on in the old one', async () => {
    const stream = new Demodulate({ tuneHz: 100.1e6, mode: 'nbfm', audioRate: 16_000 });
    stream.write(chunk(0, 25_000));
    expect(() => stream.setMode('wbfm', 48_000)).toThrow(DenoiseError);
    expect(stream.receiver!.options).toMatchObject({ mode: 'nbfm', audioRate: 16_000 });
    stream.destroy();
  });

  it('is silent while the band does not hold the channel, and goes on after that', async () => {
    const far = { centreHz: 200e6 };
    const outside: number[] = [];
    const stage = new Demodulate({ tuneHz: 100.02e6, mode: 'usb' });
    stage.on('outside', (hz: number) => outside.push(hz));
    const noise = (n: number) => Uint8Array.from({ length: 50_000 }, (_, k) => (k * 7919 * (n + 1)) % 256);
    const chunks = Array.from({ length: 30 }, (_, n) =>
      chunk(25_000 * n, 25_000, { samples: noise(n), ...(n >= 10 && n < 20 ? far : {}) }),
    );
    const out: AudioChunk[] = [];
    for await (const audio of Readable.from(chunks).pipe(stage)) out.push(audio as AudioChunk);
    expect(outside).toEqual([200e6]);
    const sound = Float32Array.from(out.flatMap(({ samples }) => [...samples[0]]));
    expect(sound.length - stage.receiver!.latencySamples).toBe(3 * 48_000);
    const rms = (from: number, to: number) =>
      Math.sqrt(sound.subarray(from * 48_000, to * 48_000).reduce((sum, x) => sum + x * x, 0));
    expect(rms(0.5, 1)).toBeGreaterThan(0.3);
    expect(rms(1.2, 2)).toBeLessThan(1e-3);
    expect(rms(2.2, 2.7)).toBeGreaterThan(0.3);
  });

  it('takes the new place and mode with the first samples that hold them, not before', async () => {
    const stage = new Demodulate({ tuneHz: 100.02e6, mode: 'nbfm' });
    const heard: [number, string][] = [];
    stage.on('status', () => {
      const { tuneHz, mode } = stage.receiver!.options;
      heard.push([tuneHz, mode]);
    });
    const at = [100e6, 300e6, 200e6, 200e6];
    stage.tuneWhenMoved({ tuneHz: 200.01e6, mode: 'am' });
    const chunks = at.map((centreHz, n) => chunk(25_000 * n, 25_000, { centreHz }));
    for await (const _ of Readable.from(chunks).pipe(stage));
    const [before, after] = [
      [100.02e6, 'nbfm'],
      [200.01e6, 'am'],
    ];
    expect(heard).toEqual([before, before, after, after]);
  });
});
