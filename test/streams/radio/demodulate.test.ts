import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { DenoiseError } from '../../../src/errors.js';
import { Demodulate, type DemodulateOptions } from '../../../streams/radio/demodulate.js';
import { throughAir } from '../../../streams/radio/modulate/air.js';
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
});
