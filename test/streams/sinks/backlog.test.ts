import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DriftCompensator } from '../../../streams/sinks/drift.js';
import { Splice } from '../../../streams/sinks/splice.js';

const RATE = 16_000;
/** Samples in a chunk of the source, and in a period of the speaker: 16 ms. */
const CHUNK = 256;
/** What the speaker sink adds after an underrun, samples. */
const REFILL = 480;
const AMPLITUDE = 0.3;
const HZ = 100;
/** Largest step of the tone from one sample to the next. */
const STEP = (AMPLITUDE * 2 * Math.PI * HZ) / RATE;

/** Plays a tone for some seconds; chunks that are `held(k)` come with the next one that is not. `waiting` seconds wait at first. */
function play(seconds: number, waiting: number, held: (k: number) => boolean = () => false) {
  const drift = new DriftCompensator({ sampleRate: RATE, channels: 1 });
  const fills: number[] = [];
  let fill = Math.round(waiting * RATE);
  let [underruns, fed, last, largestStep] = [0, 0, 0, 0];
  for (let k = 0; k * CHUNK < seconds * RATE; k++) {
    while (!held(k) && fed <= k * CHUNK) {
      const samples = new Float32Array(CHUNK);
      for (let n = 0; n < CHUNK; n++)
        samples[n] = AMPLITUDE * Math.sin((2 * Math.PI * HZ * (fed + n)) / RATE);
      fed += CHUNK;
      for (const x of drift.process([samples], fill)[0]) {
        largestStep = Math.max(largestStep, Math.abs(x - last));
        last = x;
        fill++;
      }
    }
    if (fill < CHUNK) {
      underruns++;
      drift.controller.restart();
      fill += REFILL;
    } else fill -= CHUNK;
    fills.push(fill / RATE);
  }
  return { drift, fills, underruns, largestStep };
}

describe('what has piled up before a speaker', () => {
  it('is left out after a few seconds, without a click or an underrun, and counted', () => {
    const { drift, fills, underruns, largestStep } = play(10, 0.7);
    expect(fills[Math.round((2 * RATE) / CHUNK)]).toBeGreaterThan(0.6);
    expect(fills.at(-1)).toBeLessThan(0.06);
    expect(underruns).toBe(0);
    expect(drift.skippedSamples / RATE).toBeGreaterThan(0.6);
    expect(drift.skippedSamples / RATE).toBeLessThan(0.7);
    // The fades are a little steeper than the tone.
    expect(largestStep).toBeLessThan(STEP + AMPLITUDE / (0.005 * RATE) + 1e-3);
  });

  it('is halved at once when it is more than a second', () => {
    const { fills } = play(1, 1.2);
    expect(fills.at(-1)).toBeLessThan(0.75);
  });

  it('stays where it is little: that is what a source needs that comes unevenly', () => {
    const { drift, fills } = play(60, 0.1);
    expect(drift.skippedSamples).toBe(0);
    expect(fills.at(-1)).toBeGreaterThan(0.02);
  });

  it('stays longer and longer where the source stops again and again', () => {
    // 400 ms of silence every 6 s, for four minutes: 40 stops.
    const { underruns } = play(240, 0, (k) => k % 375 > 350);
    expect(underruns).toBeGreaterThan(3);
    expect(underruns).toBeLessThan(80);
  });
});

describe('Splice', () => {
  const ones = new Float32Array(1000).fill(1);

  it('leaves out exactly as many samples, the same at every chunking', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { maxLength: 8 }),
        fc.integer({ min: 1, max: 600 }),
        (cuts, skip) => {
          const places = [0, ...cuts.sort((a, b) => a - b), 1000];
          const splice = new Splice(50);
          splice.skip(skip);
          const kept = places
            .slice(1)
            .flatMap((end, i) => [...splice.process([ones.subarray(places[i], end)])[0]]);
          expect(kept).toHaveLength(1000 - skip);
          const whole = new Splice(50);
          whole.skip(skip);
          expect(kept).toEqual([...whole.process([ones])[0]]);
          expect(kept[49]).toBe(0);
          expect(kept[50]).toBeCloseTo(1 / 50, 6);
          expect(kept.slice(100).every((x) => x === 1)).toBe(true);
          expect(splice.active).toBe(false);
        },
      ),
    );
  });

  it('passes samples as they are when nothing is to be left out', () => {
    const samples = [ones];
    expect(new Splice(50).process(samples)).toBe(samples);
  });
});
