import { describe, expect, it } from 'vitest';
import { TrainingError } from '../../../src/errors.js';
import { WeightAverage } from '../../../src/training/schedule/ema.js';

describe('WeightAverage', () => {
  it('follows average += (1−d)(w − average) with d = min(decay, (1+n)/(10+n))', () => {
    const average = new WeightAverage(Float32Array.of(0, 10), 0.25);
    average.update(Float32Array.of(1, 0));
    // n = 0: d = 0.1
    expect(average.weights[0]).toBeCloseTo(0.9, 6);
    expect(average.weights[1]).toBeCloseTo(1, 6);
    average.update(Float32Array.of(1, 0));
    // n = 1: d = 2/11
    expect(average.weights[1]).toBeCloseTo(2 / 11, 6);
    for (let n = 2; n < 4; n++) average.update(Float32Array.of(1, 0));
    // n = 2: d = 0.25; n = 3: 4/13 is over the decay, so d = 0.25
    expect(average.weights[1]).toBeCloseTo((2 / 11) * 0.25 * 0.25, 6);
  });

  it('copies what it is given', () => {
    const weights = Float32Array.of(1, 2);
    const average = new WeightAverage(weights);
    weights[0] = 99;
    expect(average.weights[0]).toBe(1);
    const { average: saved } = average.state();
    average.update(Float32Array.of(5, 5));
    expect(saved[0]).toBe(1);
  });

  it('continues bit for bit from its state', () => {
    const weightsAt = (step: number) => Float32Array.from({ length: 50 }, (_, i) => Math.sin(i * 1.7 + step));
    const unbroken = new WeightAverage(weightsAt(0), 0.99);
    for (let step = 1; step <= 20; step++) unbroken.update(weightsAt(step));
    const first = new WeightAverage(weightsAt(0), 0.99);
    for (let step = 1; step <= 7; step++) first.update(weightsAt(step));
    const second = new WeightAverage(weightsAt(0), 0.99);
    second.restore(first.state());
    for (let step = 8; step <= 20; step++) second.update(weightsAt(step));
    expect(second.weights).toEqual(unbroken.weights);
  });

  it('refuses another number of weights', () => {
    const average = new WeightAverage(new Float32Array(3));
    expect(() => average.update(new Float32Array(4))).toThrow(TrainingError);
    expect(() => average.restore({ updates: 1, average: new Float32Array(2) })).toThrow(TrainingError);
  });
});
