import { InputError } from '../errors.js';
import type { AudioFormat, AudioWarning } from './format.js';
import type { Samples } from './planar-blocks.js';

/** Replaces samples that are not finite numbers by silence, counts them, and refuses a recording that is mostly such. */
export class FiniteGuard {
  /** Samples replaced so far, over all channels. */
  replaced = 0;
  private total = 0;
  private firstFrame = 0;
  private readonly active: boolean;

  constructor(private readonly format: AudioFormat) {
    // Integers are always finite.
    this.active = format.sampleFormat === 'f32' || format.sampleFormat === 'f64';
  }

  /** Cleans one block in place. */
  clean(block: readonly Samples[]): void {
    if (!this.active) return;
    for (const channel of block) {
      for (let i = 0; i < channel.length; i++) {
        if (Number.isFinite(channel[i])) continue;
        if (this.replaced === 0) this.firstFrame = this.total / this.format.channels + i;
        this.replaced++;
        channel[i] = 0;
      }
    }
    this.total += block.length * (block[0]?.length ?? 0);
  }

  /** @throws InputError `E_NAN_SAMPLES` where more than half of all samples were not finite */
  finish(): void {
    if (2 * this.replaced <= this.total) return;
    throw new InputError(
      'E_NAN_SAMPLES',
      `${this.replaced} of ${this.total} samples are not numbers (the first at ${this.position()}).`,
      { hint: 'The program that wrote the file went wrong; there is no recording left to work on.' },
    );
  }

  warnings(): AudioWarning[] {
    if (this.replaced === 0) return [];
    const message = `${this.replaced} samples that are not numbers were replaced by silence, the first at ${this.position()}.`;
    return [{ code: 'W_NAN_SAMPLES', message }];
  }

  private position(): string {
    return `${(this.firstFrame / this.format.sampleRate).toFixed(3)} s`;
  }
}
