import { SampleQueue } from '../audio/sample-queue.js';
import type { MonoDenoiser } from './mono-denoiser.js';
import { UpperBandGain } from './upper-band-gain.js';

/** What one channel of a full-band denoiser holds back until all that it depends on is known. */
export class FullBandChannel {
  /** The recording, at its rate. */
  readonly input = new SampleQueue();
  /** What the model was given and what it made of it, at the model's rate. */
  readonly noisy = new SampleQueue();
  readonly clean = new SampleQueue();
  /** How many of `clean` the gain has seen. */
  judged = 0;
  /** What is added to the recording, at its rate. */
  readonly change = new SampleQueue();
  readonly gain: UpperBandGain;

  constructor(
    readonly denoiser: MonoDenoiser,
    sampleRate: number,
  ) {
    this.gain = new UpperBandGain(denoiser.sampleRate, sampleRate);
  }

  /** Shows the gain what the model made since the last call. */
  judge(): void {
    const count = this.clean.length - this.judged;
    this.gain.push(this.noisy.peek(count, this.judged), this.clean.peek(count, this.judged));
    this.judged += count;
  }

  /** Forgets everything, the denoiser included. */
  reset(): void {
    for (const queue of [this.input, this.noisy, this.clean, this.change]) queue.clear();
    this.judged = 0;
    this.gain.reset();
    this.denoiser.reset();
  }
}
