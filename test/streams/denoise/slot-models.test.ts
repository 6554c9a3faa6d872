import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../../src/audio/decode.js';
import { resampleMono } from '../../../src/audio/resample-mono.js';
import { Model } from '../../../src/engine/model.js';
import { delayOf } from '../../../streams/denoise/live-denoiser.js';
import { modelDenoiser } from '../../../streams/denoise/model-denoiser.js';
import { DenoiserSlot } from '../../../streams/denoise/slot.js';
import { testSignal } from '../../support/tiny-model.js';

const RATE = 16_000;
/** Of other latencies: 16 and 32 ms. */
let models: Model[];

beforeAll(async () => {
  models = await Promise.all(['base', 'radio'].map((name) => Model.load(name, { device: 'cpu' })));
});
afterAll(() => Promise.all(models.map((model) => model.close())));

const open = (model: Model, sampleRate = RATE) => modelDenoiser(model)({ sampleRate, channels: 1 });
const delay = (sampleRate: number) =>
  Math.max(...models.map((model) => delayOf(open(model, sampleRate), sampleRate)));

async function through(input: Float32Array, first: Model, swapEvery = Number.POSITIVE_INFINITY) {
  const options = { sampleRate: RATE, channels: 1, historySeconds: 0.5, delaySamples: delay(RATE) };
  const slot = new DenoiserSlot(options, open(first));
  let swaps = 0;
  const next = (at: number): void => {
    const done = slot.swap(models[(models.indexOf(first) + swaps + 1) % 2], { at });
    done.then(
      () => {
        swaps++;
        next(at + swapEvery);
      },
      () => {},
    );
  };
  if (Number.isFinite(swapEvery)) next(swapEvery);
  const out = new Float32Array(input.length);
  let given = 0;
  for (let at = 0; at < input.length; at += 512) {
    const [samples] = await slot.process([input.subarray(at, at + 512)]);
    out.set(samples, given);
    given += samples.length;
  }
  out.set((await slot.flush())[0], given);
  slot.close();
  return { out, swaps };
}

function largestSecondDifference(x: Float32Array): number {
  let largest = 0;
  for (let n = 2; n < x.length; n++) largest = Math.max(largest, Math.abs(x[n] - 2 * x[n - 1] + x[n - 2]));
  return largest;
}

describe('DenoiserSlot with the shipped models', () => {
  /** Under a tone and under speech, each. */
  const SWAPS = 1000;
  const EVERY = 2048;

  it.each(['a tone', 'speech'])(
    `clicks in none of ${SWAPS} swaps under %s`,
    async (what) => {
      const length = (SWAPS + 1) * EVERY + 4096;
      const { channels, sampleRate } = await decodeAudioFile('assets/noisy-speech.wav');
      const speech = resampleMono(channels[0], sampleRate, RATE);
      const input = Float32Array.from({ length }, (_, n) =>
        what === 'speech' ? speech[n % speech.length] : 0.3 * Math.sin((2 * Math.PI * 440 * n) / RATE),
      );
      const rest = input.subarray(0, Math.min(length, 20 * RATE));
      const without = await Promise.all(models.map((model) => through(rest, model)));
      const largest = Math.max(...without.map(({ out }) => largestSecondDifference(out)));
      const { out, swaps } = await through(input, models[0], EVERY);
      expect(swaps).toBeGreaterThanOrEqual(SWAPS);
      expect(20 * Math.log10(largestSecondDifference(out) / largest)).toBeLessThan(3);
    },
    240_000,
  );

  it.each([8_000, 16_000, 44_100, 48_000])(
    'keeps the delay that denoisers declare at %d Hz',
    async (rate) => {
      for (const model of models) {
        const opened = open(model, rate);
        const most = delayOf(opened, rate);
        const input = testSignal(rate);
        let given = 0;
        for (let at = 0; at < input.length; at += 37) {
          const received = Math.min(input.length, at + 37);
          given += (await opened.denoiser.process([input.subarray(at, received)]))[0].length;
          expect(received - given).toBeLessThanOrEqual(most);
        }
        opened.close();
      }
    },
  );
});
