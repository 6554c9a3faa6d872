import { Random } from '../../src/random.js';
import type { Trainable } from '../../src/training/loop/trainable.js';
import type { Space } from '../../src/tuning/index.js';
import { WIDTH, type Windows, windowTask } from './window-task.js';

const TRAINING_WINDOWS = 256;
const VALIDATION_WINDOWS = 256;
/** Samples that are missing in the middle of a window. */
const GAP = 12;

/** Epochs of every training: rungs of ASHA at 5, 15 and 45. */
export const EPOCHS = 45;

/** What is searched on the gaps: 9 × 4 × 4 × 2 × 3 = 864 configurations, every part of which matters. */
export const gapSpace: Space = (suggest) => {
  suggest.ordered('lr', [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2]);
  suggest.ordered('batch', [4, 8, 16, 32]);
  suggest.ordered('hidden', [8, 16, 32, 64]);
  suggest.ordered('layers', [1, 2]);
  suggest.ordered('weightDecay', [0, 0.01, 0.1]);
};

/** A configuration of {@link gapSpace}. */
export interface GapConfig {
  lr: number;
  batch: number;
  hidden: number;
  layers: number;
  weightDecay: number;
}

/** Windows of a tone with two overtones, whose loudness wavers, and a hole in the middle. */
function windows(count: number, seed: number): Windows {
  const noisy = new Float32Array(count * WIDTH);
  const clean = new Float32Array(count * WIDTH);
  for (let row = 0; row < count; row++) {
    const random = new Random(seed, row);
    const rate = 2 * Math.PI * random.uniform(0.02, 0.1);
    const phases = [0, 1, 2].map(() => random.uniform(0, 2 * Math.PI));
    const beat = { rate: 2 * Math.PI * random.uniform(0.002, 0.02), phase: random.uniform(0, 2 * Math.PI) };
    const start = Math.floor((WIDTH - GAP) / 2);
    for (let n = 0; n < WIDTH; n++) {
      const tone = phases.reduce((sum, phase, i) => sum + Math.sin((i + 1) * rate * n + phase) / (i + 1), 0);
      const value = tone * (1 + 0.5 * Math.sin(beat.rate * n + beat.phase));
      clean[row * WIDTH + n] = value;
      noisy[row * WIDTH + n] = n >= start && n < start + GAP ? 0 : value + 0.1 * random.normal();
    }
  }
  return { noisy, clean };
}

/** Filling gaps: learnt from few windows, so that size, rate, batch and weight decay all have to be right. */
export const gapTask = ({ batch, hidden, layers }: GapConfig): Trainable =>
  windowTask({
    name: 'gaps',
    training: windows(TRAINING_WINDOWS, 11),
    validation: windows(VALIDATION_WINDOWS, 12),
    batch,
    hidden,
    layers,
  });
