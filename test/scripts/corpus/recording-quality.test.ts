import { describe, expect, it } from 'vitest';
import { joinPlan, levelled, withoutPauses } from '../../../scripts/corpus/clip-shape.js';
import { frameLevels, measureQuality, rejection } from '../../../scripts/corpus/recording-quality.js';
import { toneBursts, whiteNoise } from '../../training/data/synthetic-audio.js';

const RATE = 16_000;
const pause = (seconds: number) => new Float32Array(Math.round(seconds * RATE));
const glued = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
const noisy = (samples: Float32Array, gain: number) => {
  const hiss = whiteNoise(samples.length / RATE, 7, RATE, gain);
  return samples.map((value, i) => value + hiss[i]!);
};

describe('measureQuality', () => {
  it('tells how far speech stands out of the noise of its recording', () => {
    const speech = glued(pause(0.5), toneBursts(2, 300), pause(0.5));
    const quiet = measureQuality(noisy(speech, 0.0003));
    const loud = measureQuality(noisy(speech, 0.03));
    // 40 dB between the two gains of the noise.
    expect(quiet.snrDb - loud.snrDb).toBeGreaterThan(35);
    expect(quiet.seconds).toBe(3);
    expect(quiet.clipped).toBe(0);
  });

  it('counts samples at full scale', () => {
    const square = Float32Array.from({ length: RATE }, (_, i) => (i % 10 < 5 ? 1 : -1));
    expect(measureQuality(square).clipped).toBe(1);
  });

  it('has an answer for silence and for nothing', () => {
    for (const samples of [pause(1), pause(0)]) {
      const { snrDb, loudDb } = measureQuality(samples);
      expect(Number.isFinite(snrDb)).toBe(true);
      expect(loudDb).toBeLessThan(-100);
    }
  });
});

describe('rejection', () => {
  const good = { seconds: 3, snrDb: 40, loudDb: -20, clipped: 0 };
  it.each([
    [{ seconds: 0.2 }, 'shorter'],
    [{ loudDb: -60 }, 'softer'],
    [{ clipped: 0.01 }, 'clipped'],
    [{ snrDb: 20 }, 'less than 30 dB'],
  ])('leaves out what is %o', (fault, why) => {
    expect(rejection({ ...good, ...fault }, 30)).toContain(why);
  });

  it('lets good speech pass, and noise whatever its ratio', () => {
    expect(rejection(good, 30)).toBeUndefined();
    expect(rejection({ ...good, snrDb: 3, clipped: 0.01 })).toBeUndefined();
  });
});

describe('withoutPauses', () => {
  it('cuts silence at the ends and long pauses inside, and keeps the speech', () => {
    const speech = glued(pause(2), toneBursts(1, 300), pause(3), toneBursts(1, 300), pause(2));
    const cut = withoutPauses(noisy(speech, 1e-4));
    const seconds = cut.length / RATE;
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(2.8);
    expect(cut.every((value, i) => i === 0 || Math.abs(value - cut[i - 1]!) < 0.1)).toBe(true);
  });

  it('leaves a recording without pauses whole, and nothing of silence', () => {
    expect(withoutPauses(toneBursts(2, 300)).length).toBe(2 * RATE);
    expect(withoutPauses(pause(1)).length).toBe(0);
    expect(withoutPauses(pause(0)).length).toBe(0);
  });
});

describe('levelled', () => {
  it('brings active speech to −26 dBFS from any level', () => {
    for (const gain of [0.9, 0.05, 0.001]) {
      const loudest = Math.max(...frameLevels(levelled(toneBursts(2, 300, RATE, gain))));
      expect(loudest).toBeGreaterThan(-26);
      expect(loudest).toBeLessThan(-20);
    }
  });

  it('never exceeds a peak of 0.95', () => {
    const click = pause(1);
    click[500] = 0.9;
    expect(Math.max(...levelled(click))).toBeLessThanOrEqual(0.951);
  });
});

describe('joinPlan', () => {
  it('joins short recordings until they are long enough', () => {
    expect(joinPlan([4, 4, 4, 10, 1], 9, 1000)).toEqual([[0, 1, 2], [3], [4]]);
  });

  it('joins none when asked for 0, and stops at the most of a voice', () => {
    expect(joinPlan([1, 1, 1], 0, 1000)).toEqual([[0], [1], [2]]);
    expect(joinPlan([5, 5, 5, 5], 0, 10)).toEqual([[0], [1]]);
    expect(joinPlan([], 9, 10)).toEqual([]);
  });
});
