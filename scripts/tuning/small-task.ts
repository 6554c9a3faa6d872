import { Random } from '../../src/random.js';
import type { Trainable } from '../../src/training/loop/trainable.js';
import { WIDTH, type Windows, windowTask } from './window-task.js';

const HIDDEN = 32;
const TRAINING_WINDOWS = 512;
const VALIDATION_WINDOWS = 256;
/** Deviation of the noise; that of the signal is 0.7. */
const NOISE = 0.5;

/** Windows of two sines each, of drawn frequency, amplitude and phase, under white noise. */
function windows(count: number, seed: number): Windows {
  const noisy = new Float32Array(count * WIDTH);
  const clean = new Float32Array(count * WIDTH);
  for (let row = 0; row < count; row++) {
    const random = new Random(seed, row);
    const sines = [0, 1].map(() => ({
      rate: 2 * Math.PI * random.uniform(0.01, 0.2),
      phase: random.uniform(0, 2 * Math.PI),
      amplitude: random.uniform(0.4, 1),
    }));
    for (let n = 0; n < WIDTH; n++) {
      const value = sines.reduce(
        (sum, { rate, phase, amplitude }) => sum + amplitude * Math.sin(rate * n + phase),
        0,
      );
      clean[row * WIDTH + n] = value;
      noisy[row * WIDTH + n] = value + NOISE * random.normal();
    }
  }
  return { noisy, clean };
}

/**
 * A denoiser so small that the 864 trainings of the guide's grid take minutes: two layers over windows of 64 samples, 512 of them to learn
 * from, so that it over-fits when it is trained too fast or for too long.
 */
export const smallTask = (batch: number): Trainable =>
  windowTask({
    name: 'small denoiser',
    training: windows(TRAINING_WINDOWS, 1),
    validation: windows(VALIDATION_WINDOWS, 2),
    batch,
    hidden: HIDDEN,
  });
