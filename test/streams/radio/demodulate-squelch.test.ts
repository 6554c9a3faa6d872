import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { Demodulate } from '../../../streams/radio/demodulate.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { air, modulate, noise, RATE, rms, tones } from './signals.js';

const parts = [noise(0.25), air(modulate('nbfm', tones(0.25), RATE), 20_000, 16), noise(0.25)];
const iq = Float32Array.from(parts.flatMap((part) => [...part]));

const chunk = (from: number, to: number): IqChunk => ({
  samples: iq.subarray(2 * from, 2 * to),
  format: 'cf32',
  sampleRate: RATE,
  centreHz: 145e6,
  firstSample: BigInt(from),
});

async function demodulate(chunkLength: number, retuneAt = -1): Promise<AudioChunk[]> {
  const stream = new Demodulate({ tuneHz: 145.02e6, mode: 'nbfm', squelch: { kind: 'noise' } });
  const chunks: AudioChunk[] = [];
  stream.on('data', (one: AudioChunk) => chunks.push(one));
  for (let from = 0; from < iq.length / 2; from += chunkLength) {
    if (from === retuneAt) stream.retune(144.98e6);
    stream.write(chunk(from, Math.min(iq.length / 2, from + chunkLength)));
  }
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  return chunks;
}

const openOf = (chunks: AudioChunk[]) =>
  chunks.flatMap(({ samples, squelchOpen }) => new Array<boolean>(samples[0].length).fill(squelchOpen!));

describe('Demodulate with a squelch', () => {
  it('begins a chunk where the squelch opens or shuts, at the same samples for every chunking', async () => {
    const whole = await demodulate(iq.length / 2);
    // The last one is what the filters held.
    expect(whole.map(({ squelchOpen }) => squelchOpen)).toEqual([false, true, false, false]);
    expect(openOf(await demodulate(3_000))).toEqual(openOf(whole));
    let next = 0n;
    for (const { firstSample, samples } of whole) {
      expect(firstSample).toBe(next);
      next += BigInt(samples[0].length);
    }
  });

  it('gives the noise behind a shut squelch, with what was measured', async () => {
    const [shut, open] = await demodulate(iq.length / 2);
    expect(rms(shut.samples[0])).toBeGreaterThan(0.05);
    expect(shut.snrDb).toBeLessThan(6);
    // It shuts two frames after the end, before the meters have forgotten the signal.
    expect(open.snrDb).toBeLessThan(12);
    expect(open.carrierDb).toBeLessThan(-14.5);
  });

  it('keeps the state in step where another receiver takes over', async () => {
    const chunks = await demodulate(2_500, 100_000);
    const open = openOf(chunks);
    const length = chunks.reduce((sum, { samples }) => sum + samples[0].length, 0);
    expect(open).toHaveLength(length);
    // 0.4 s: there is nothing on the other frequency.
    expect(open.slice(0.32 * 48_000, 0.39 * 48_000).every(Boolean)).toBe(true);
    expect(open.slice(0.41 * 48_000).some(Boolean)).toBe(false);
  });
});
