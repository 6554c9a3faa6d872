import { z } from 'zod';
import { TrainingError } from '../../errors.js';
import { Random } from '../../random.js';

/**
 * The frequency-extraction task: several sines whose amplitude and phase are drawn anew at every sample are mixed; a
 * one-hot selector says which one is wanted; the target is that sine, pure.
 *
 * The phase is drawn from 0…2π·`phaseTurns`. With a whole turn (1) a noisy sine is, sample by sample, independent of
 * the time: its mean is 0, and the input holds nothing of the target but the count of samples. 0.05 turns (18°) leave
 * the task what its name says.
 */
export const frequencySignalSchema = z
  .object({
    /** The sines, Hz; each below half the sample rate. */
    frequencies: z.array(z.number().positive()).min(1).max(64).default([1, 3, 5, 7]),
    /** Samples per second, Hz. */
    sampleRate: z.number().positive().default(1000),
    /** Length of the signal, seconds. */
    seconds: z.number().positive().max(86_400).default(10),
    /** Amplitude of each sine, drawn uniformly at every sample. */
    amplitude: z.tuple([z.number().min(0), z.number().max(10)]).default([0.8, 1.2]),
    /** Phase of each sine, drawn uniformly from 0 to this many turns at every sample. 0…1. */
    phaseTurns: z.number().min(0).max(1).default(0.05),
  })
  .strict()
  .refine(({ frequencies, sampleRate }) => frequencies.every((f) => f < sampleRate / 2), {
    message: 'every frequency must lie below half the sample rate',
  });

export type FrequencySignal = z.output<typeof frequencySignalSchema>;
export type FrequencySignalOptions = z.input<typeof frequencySignalSchema>;

/** Seed of the noise heard in training. */
export const FREQUENCY_TRAIN_SEED = 1;
/** Seed of the noise heard in the test: the same sines under noise never trained on. */
export const FREQUENCY_TEST_SEED = 2;

/** One recording of the mixed signal; each frequency is one row of it, with the same mixture and another target. */
export class FrequencyData {
  readonly config: FrequencySignal;
  /** Samples per row. */
  readonly samples: number;
  /** Rows, one per frequency. */
  readonly rows: number;
  /** Inputs per sample: the mixture and one selector per frequency. */
  readonly inputWidth: number;
  /** `[samples]`: the mean of the noisy sines. */
  readonly mixture: Float32Array;
  /** `[rows][samples]`: the pure sines. */
  readonly targets: readonly Float32Array[];

  /** @param seed of the noise, any integer. @throws {z.ZodError} when the options are out of range */
  constructor(options: FrequencySignalOptions = {}, seed: number = FREQUENCY_TRAIN_SEED) {
    this.config = frequencySignalSchema.parse(options);
    const { frequencies, sampleRate, seconds, amplitude, phaseTurns } = this.config;
    this.samples = Math.round(seconds * sampleRate);
    this.rows = frequencies.length;
    this.inputWidth = 1 + this.rows;
    const sum = new Float64Array(this.samples);
    this.targets = frequencies.map((frequency, row) => {
      const random = new Random(seed, row);
      const target = new Float32Array(this.samples);
      for (let n = 0; n < this.samples; n++) {
        const angle = (2 * Math.PI * frequency * n) / sampleRate;
        target[n] = Math.sin(angle);
        const phase = random.uniform(0, 2 * Math.PI * phaseTurns);
        sum[n] += random.uniform(...amplitude) * Math.sin(angle + phase);
      }
      return target;
    });
    this.mixture = Float32Array.from(sum, (value) => value / this.rows);
  }

  /**
   * How many chunks of `length` samples a row has; a remainder at the end is left out.
   *
   * @throws {TrainingError} `E_CHUNK` when a row is shorter than one chunk
   */
  chunks(length: number): number {
    const count = Math.floor(this.samples / length);
    if (Number.isInteger(length) && length > 0 && count > 0) return count;
    throw new TrainingError('E_CHUNK', `A signal of ${this.samples} samples has no chunk of ${length}.`, {
      hint: 'Take a whole number of samples, 1, 10, 50 or 100, or a longer signal.',
    });
  }

  /**
   * Copies chunk `index` of some rows. The recurrent state of a row is carried from chunk to chunk, without its
   * gradient, and starts at zero with chunk 0.
   *
   * @param rows which frequencies, one row of the batch each: all together, or one after the other for batch 1
   * @param inputs `[rows, length, inputWidth]`, overwritten: mixture, then the one-hot selector
   * @param targets `[rows, length]`, overwritten
   */
  chunk(
    index: number,
    length: number,
    rows: readonly number[],
    inputs: Float32Array,
    targets: Float32Array,
  ): void {
    const first = index * length;
    inputs.fill(0);
    for (const [b, row] of rows.entries()) {
      for (let n = 0; n < length; n++) {
        const at = (b * length + n) * this.inputWidth;
        inputs[at] = this.mixture[first + n];
        inputs[at + 1 + row] = 1;
      }
      targets.set(this.targets[row].subarray(first, first + length), b * length);
    }
  }
}
