import { diagnose, type Finding } from '../../../src/training/diagnose/index.js';
import type { EpochEvent, StepEvent, TrainingEvent } from '../../../src/training/loop/training-events.js';

/** mulberry32: a small seeded generator, so that every curve is the same on every machine. Values in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Epochs of a healthy process around these training losses. */
export function epochsOf(
  losses: readonly number[],
  extra: (index: number) => Partial<EpochEvent> = () => ({}),
): EpochEvent[] {
  return losses.map((trainLoss, i) => ({
    kind: 'epoch',
    step: (i + 1) * 100,
    epoch: i + 1,
    trainLoss,
    learningRate: 1e-3,
    gradientNorm: 0.4,
    seconds: 9,
    rssMB: 252,
    loaderShare: 0.01,
    ...extra(i),
  }));
}

/** Record of a healthy step. @param number from 1 */
export function stepRecord(number: number, of: Partial<StepEvent> = {}): StepEvent {
  return {
    kind: 'step',
    step: number,
    epoch: 1,
    trainLoss: 0.3,
    learningRate: 1e-3,
    gradientNorm: 0.5,
    seconds: 0.04,
    rssMB: 250,
    loaderShare: 0.01,
    ...of,
  };
}

/** `count` losses falling from `from` to `to` along an exponential, each off by up to ±`noise`. */
export function fallingLosses(count: number, from: number, to: number, noise = 0, seed = 1): number[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const loss = to + (from - to) * Math.exp((-5 * i) / count);
    return loss * (1 + noise * (2 * random() - 1));
  });
}

/** The run that the tuning notes describe: 0.2847, up by 42.5 % at once, 0.4580 after five epochs. */
export const DIVERGED = [0.2847, 0.4057, 0.4213, 0.4391, 0.458] as const;

export function run(
  events: readonly TrainingEvent[],
  config: Record<string, unknown> = {},
): { events: readonly TrainingEvent[]; config: Record<string, unknown>; path: string } {
  return { events, config, path: 'runs/one' };
}

/** Codes of what is found in a run with these events. */
export const codes = (events: readonly TrainingEvent[], config = {}): string[] =>
  diagnose(run(events, config)).findings.map((finding) => finding.code);

/** The finding with this code, if there is one. */
export const find = (code: string, events: readonly TrainingEvent[], config = {}): Finding | undefined =>
  diagnose(run(events, config)).findings.find((finding) => finding.code === code);

/** Records of the first steps of a run. */
export const steps = (count: number, of: (index: number) => Partial<StepEvent>): StepEvent[] =>
  Array.from({ length: count }, (_, i) => stepRecord(i + 1, of(i)));
