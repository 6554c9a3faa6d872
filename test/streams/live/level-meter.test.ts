import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { LevelMeter } from '../../../streams/live/level-meter.js';

const RATE = 16_000;

/** Half a second of tone, half a second of pause, for 3 s, in white noise of a given level. */
function tonesInNoise(toneAmplitude: number, noiseRms: number): Float32Array {
  const random = new Random(5);
  return Float32Array.from({ length: 3 * RATE }, (_, n) => {
    const tone = n % RATE < RATE / 2 ? toneAmplitude * Math.sin((2 * Math.PI * 1000 * n) / RATE) : 0;
    return tone + noiseRms * random.normal();
  });
}

describe('LevelMeter', () => {
  it('measures level and peak of a sine', () => {
    const meter = new LevelMeter(RATE);
    meter.push([tonesInNoise(0.5, 0).subarray(0, RATE / 2)]);
    expect(meter.rmsDb).toBeCloseTo(20 * Math.log10(0.5 / Math.SQRT2), 1);
    expect(meter.peakDb).toBeCloseTo(20 * Math.log10(0.5), 1);
  });

  it.each([
    [0.5, 0.05],
    [0.5, 0.005],
    [0.1, 0.03],
  ])('estimates the ratio of tones of %f to noise of %f within 1 dB, whatever the chunks', (tone, rms) => {
    const expected = 10 * Math.log10((tone * tone) / 4 / (rms * rms));
    for (const size of [160, 1000, 48_000]) {
      const meter = new LevelMeter(RATE);
      const sound = tonesInNoise(tone, rms);
      for (let at = 0; at < sound.length; at += size) meter.push([sound.subarray(at, at + size)]);
      expect(Math.abs(meter.snrDb! - expected)).toBeLessThan(1);
      expect(Math.abs(meter.noiseDb! - 20 * Math.log10(rms))).toBeLessThan(1);
    }
  });

  it('says nothing about silence, and does not take a closed squelch for a low noise floor', () => {
    const meter = new LevelMeter(RATE);
    meter.push([new Float32Array(RATE)]);
    expect(meter.snrDb).toBeUndefined();
    expect(meter.rmsDb).toBe(Number.NEGATIVE_INFINITY);
    const sound = tonesInNoise(0.5, 0.05).subarray(0, 2 * RATE);
    meter.push([sound]);
    expect(Math.abs(meter.noiseDb! - 20 * Math.log10(0.05))).toBeLessThan(1);
  });

  it('shows a full-scale tone as 0 dBFS at its frequency', () => {
    const meter = new LevelMeter(RATE);
    meter.push([Float32Array.from({ length: 3000 }, (_, n) => Math.sin((2 * Math.PI * 2000 * n) / RATE))]);
    const spectrum = meter.spectrum();
    const top = spectrum.indexOf(Math.max(...spectrum));
    expect((top * RATE) / 1024).toBeCloseTo(2000, 0);
    expect(spectrum[top]).toBeCloseTo(0, 1);
    expect(spectrum[300]).toBeLessThan(-60);
  });

  it('forgets everything', () => {
    const meter = new LevelMeter(RATE);
    meter.push([tonesInNoise(0.5, 0.05)]);
    meter.reset();
    expect(meter.snrDb).toBeUndefined();
    expect(meter.peakDb).toBe(Number.NEGATIVE_INFINITY);
  });
});
