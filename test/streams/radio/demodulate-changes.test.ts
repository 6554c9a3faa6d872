import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { DenoiseError } from '../../../src/errors.js';
import { Demodulate } from '../../../streams/radio/demodulate.js';
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

describe('Demodulate, told to receive something else', () => {
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
