import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../src/audio/concat.js';
import { meanPower, powerToDb } from '../../src/audio/metrics/levels.js';
import { NoiseCapture } from '../../src/online/capture.js';
import { type NoisePiece, NoiseStore, writeNoise } from '../../src/online/noise-store.js';
import { packageRoot } from '../../src/package-root.js';
import { Random } from '../../src/random.js';
import { readMono } from '../../src/training/data/clip-reader.js';
import { LiveModels } from '../../streams/live/live-models.js';
import { openSource } from '../../streams/sources/open-source.js';
import { startLive } from '../support/live-session.js';

const RATE = 16_000;
const SECONDS = 24;
const folder = mkdtempSync(join(tmpdir(), 'denoise-poison-'));
afterAll(() => rmSync(folder, { recursive: true }));

let models: LiveModels;
beforeEach(async () => {
  models = await LiveModels.load({ model: 'base', radio: false, device: 'cpu' });
});
afterEach(() => models.close());
let next = 0;

/** What is kept of a sound that comes in live. */
async function captured(sound: Float32Array): Promise<{ pieces: NoisePiece[]; seconds: number }> {
  const place = join(folder, `${next++}`);
  await writeNoise(`${place}.wav`, sound, RATE);
  const source = await openSource(`${place}.wav`, { pace: 'fast' });
  const { session } = await startLive('', { source, radio: undefined, denoiser: models.denoiser });
  const store = new NoiseStore(place);
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const capture = new NoiseCapture(session, { store, profile: 'room', source: 'test', onError });
  await session.done;
  await capture.close();
  expect(errors).toEqual([]);
  const pieces = store.list('room');
  return { pieces, seconds: pieces.reduce((sum, { seconds }) => sum + seconds, 0) };
}

/** Voices that no model was trained on, one after the other without a pause. */
async function talk(): Promise<Float32Array> {
  const speech = join(packageRoot, 'assets', 'replay', 'gate', 'speech');
  const files = readdirSync(speech).slice(0, 10);
  return concat(await Promise.all(files.map((file) => readMono(join(speech, file), RATE)))).subarray(
    0,
    SECONDS * RATE,
  );
}

const hiss = (gain: number): Float32Array => {
  const random = new Random(3);
  return Float32Array.from({ length: SECONDS * RATE }, () => gain * random.normal());
};

describe('what must not become noise to train on', () => {
  it('silence is not kept', async () => {
    expect(await captured(new Float32Array(SECONDS * RATE))).toEqual({ pieces: [], seconds: 0 });
  }, 600_000);

  it('of talk only what lies far below it is kept, with or without hiss', async () => {
    const voices = await talk();
    const speechDb = powerToDb(meanPower(voices));
    const noisy = hiss(0.003).map((x, i) => x + (voices[i] ?? 0));
    for (const sound of [voices, noisy])
      for (const { levelDb } of (await captured(sound)).pieces) expect(levelDb).toBeLessThan(speechDb - 15);
  }, 600_000);

  it('steady hiss is kept, and a clipped jammer is not', async () => {
    expect((await captured(hiss(0.05))).seconds).toBeGreaterThan(SECONDS / 2);
    const jammer = hiss(0.05).map((x, n) => Math.max(-1, Math.min(1, x + 1.5 * Math.sin(0.3 * n))));
    expect((await captured(jammer)).pieces).toEqual([]);
  }, 600_000);
});
