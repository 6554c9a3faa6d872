import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noiseSpectrum, spectralDistance } from '../../src/online/noise-spectrum.js';
import { NoiseStore } from '../../src/online/noise-store.js';
import { Random } from '../../src/random.js';
import { readMono } from '../../src/training/data/clip-reader.js';

const RATE = 16_000;
const folder = mkdtempSync(join(tmpdir(), 'denoise-noise-'));
afterAll(() => rmSync(folder, { recursive: true }));
let next = 0;
const newFolder = () => join(folder, `${next++}`);

/** White noise through one pole: the nearer to 1, the duller. */
function noise(seconds: number, pole: number, seed: number, gain = 0.1): Float32Array {
  const random = new Random(seed);
  let state = 0;
  return Float32Array.from({ length: seconds * RATE }, () => {
    state = pole * state + (1 - pole) * random.normal();
    return gain * state;
  });
}

const origin = { source: 'test', frequencyHz: 145.5e6, mode: 'nbfm' };

describe('the noise store', () => {
  it('keeps a piece once, with where it was heard, to the sample', async () => {
    const store = new NoiseStore(newFolder());
    const samples = noise(2, 0.9, 1);
    const first = await store.add(samples, RATE, 'shack', origin);
    expect(first).toMatchObject({ kept: true, piece: { profile: 'shack', seconds: 2, ...origin } });
    expect(await store.add(samples, RATE, 'shack', origin)).toEqual({ kept: false, why: 'known' });
    const [piece] = store.list();
    expect(await readMono(store.pathOf(piece.hash), RATE)).toEqual(samples);
    expect(store.list('car')).toEqual([]);
    expect(store.find(piece.hash.slice(0, 8))).toEqual(piece);
    store.drop(piece.hash.slice(0, 8));
    expect(store.list()).toEqual([]);
    expect(existsSync(store.pathOf(piece.hash))).toBe(false);
    expect(() => store.drop('abc')).toThrow(/no captured noise/);
  });

  it('drops the older of the two that sound most alike when it is full', async () => {
    const bytes = 4 * RATE + 1000;
    const store = new NoiseStore(newFolder(), 3 * bytes);
    await store.add(noise(1, 0, 1), RATE, 'a', origin);
    await store.add(noise(1, 0.9, 2), RATE, 'a', origin);
    await store.add(noise(1, 0.99, 3), RATE, 'a', origin);
    await store.add(noise(1, 0.9, 4), RATE, 'a', origin);
    const seconds = store.list().map(({ spectrum }) => Math.round(spectrum[0] - spectrum[20]));
    expect(seconds).toHaveLength(3);
    // One bright, one dull, and of the two in between one.
    expect(new Set(seconds.map((tilt) => Math.round(tilt / 8))).size).toBe(3);
  });

  it('does not keep more than ten minutes of one sound, and counts profiles apart', async () => {
    const store = new NoiseStore(newFolder());
    const long = noise(120, 0.5, 9, 0.05);
    for (let n = 0; n < 5; n++)
      expect(
        await store.add(
          long.map((v) => v * (1 + n / 10)),
          RATE,
          'a',
          origin,
        ),
      ).toMatchObject({ kept: true });
    const more = long.map((v) => 2 * v);
    expect(await store.add(more, RATE, 'a', origin)).toEqual({ kept: false, why: 'enough' });
    expect(await store.add(more, RATE, 'b', origin)).toMatchObject({ kept: true });
  });

  it('does not count a file without a line, nor a line that is half there', async () => {
    const data = newFolder();
    const store = new NoiseStore(data);
    await store.add(noise(1, 0, 1), RATE, 'a', origin);
    writeFileSync(join(data, 'noise', 'pieces', `${'0'.repeat(64)}.wav`), 'half');
    writeFileSync(join(data, 'noise', 'journal.jsonl'), '{"kind":"add","pie', { flag: 'a' });
    expect(store.list()).toHaveLength(1);
    await store.add(noise(1, 0, 2), RATE, 'a', origin);
    expect(new NoiseStore(data).list()).toHaveLength(2);
    expect(readdirSync(join(data, 'noise', 'pieces')).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('the spectrum of a noise', () => {
  it('does not depend on the level, nor much on the piece', () => {
    const one = noiseSpectrum(noise(4, 0.9, 1), RATE);
    const louder = noiseSpectrum(noise(4, 0.9, 1, 0.4), RATE);
    expect(louder.spectrum).toEqual(one.spectrum);
    expect(louder.levelDb - one.levelDb).toBeCloseTo(12.04, 1);
    const other = noiseSpectrum(noise(4, 0.9, 2), RATE);
    expect(spectralDistance(one.spectrum, other.spectrum)).toBeLessThan(1.5);
    expect(spectralDistance(one.spectrum, noiseSpectrum(noise(4, 0, 2), RATE).spectrum)).toBeGreaterThan(3);
  });
});
