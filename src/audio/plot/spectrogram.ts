import { InputError } from '../../errors.js';
import { PowerSpectra } from '../stft.js';

const FRAME_SECONDS = 0.025;

/** A picture of power over time and frequency. */
export interface Spectrogram {
  /** Hz. */
  sampleRate: number;
  /** Length of the recording. */
  seconds: number;
  /** Length of one column. */
  secondsPerColumn: number;
  columns: number;
  /** Frequencies from 0 to half the sample rate, both included. */
  bins: number;
  /** Mean power `[columns][bins]`; a sine of full scale has 1. */
  power: Float32Array;
}

export interface SpectrogramOptions {
  /** Hz. */
  sampleRate: number;
  /** Columns kept at most, an even number; default 2000. */
  maxColumns?: number;
}

/**
 * Gathers the spectrogram of a recording of any length in constant memory: whenever the columns are used up, each two
 * become one, so that an hour ends with 1000 to 2000 columns as a minute does. Chunks do not matter.
 *
 * Frames of about 25 ms overlap by three quarters in short recordings; each doubling widens the hop until they only touch,
 * which keeps an hour cheap. Several channels are averaged first.
 */
export class SpectrogramAccumulator {
  readonly sampleRate: number;
  readonly #maxColumns: number;
  readonly #frames: PowerSpectra;
  readonly #power: Float32Array;
  readonly #column: Float64Array;
  #mono = new Float32Array();
  #samples = 0;
  /** Where the next frame is centred, in samples. */
  #centre = 0;
  /** Samples covered by one column. */
  #span: number;
  #columns = 0;
  #framesInColumn = 0;

  /** @throws InputError `E_SAMPLE_RATE`. */
  constructor({ sampleRate, maxColumns = 2000 }: SpectrogramOptions) {
    if (!(sampleRate > 0)) {
      throw new InputError('E_SAMPLE_RATE', `A spectrogram cannot be made at ${sampleRate} Hz.`, {
        hint: 'Give a sample rate above 0 Hz.',
      });
    }
    this.sampleRate = sampleRate;
    this.#maxColumns = 2 * Math.max(1, Math.floor(maxColumns / 2));
    const size = 2 ** Math.min(13, Math.max(6, Math.round(Math.log2(FRAME_SECONDS * sampleRate))));
    this.#span = size / 4;
    this.#frames = new PowerSpectra({ size, hop: this.#span });
    this.#power = new Float32Array(this.#maxColumns * this.#frames.bins);
    this.#column = new Float64Array(this.#frames.bins);
    // Silence before the start puts the middle of the first frame into the middle of the first column.
    this.#centre = this.#span / 2;
    this.#frames.push(new Float32Array((size - this.#span) / 2), this.#add);
  }

  /** Takes the next samples: one array per channel, all of the same length. */
  push(channels: readonly Float32Array[]): void {
    const [first] = channels;
    if (first === undefined) return;
    this.#samples += first.length;
    if (channels.length === 1) {
      this.#frames.push(first, this.#add);
      return;
    }
    if (this.#mono.length < first.length) this.#mono = new Float32Array(first.length);
    for (let n = 0; n < first.length; n++) {
      let sum = 0;
      for (const channel of channels) sum += channel[n]!;
      this.#mono[n] = sum / channels.length;
    }
    this.#frames.push(this.#mono.subarray(0, first.length), this.#add);
  }

  /** The picture of everything so far; nothing may be pushed afterwards. A recording of nothing gives one silent column. */
  finish(): Spectrogram {
    // Silence after the end lets the last samples reach the middle of a frame.
    this.#frames.push(new Float32Array(this.#frames.size + this.#span), this.#add);
    this.#endColumn();
    const columns = Math.min(this.#columns, Math.max(1, Math.ceil(this.#samples / this.#span)));
    return {
      sampleRate: this.sampleRate,
      seconds: this.#samples / this.sampleRate,
      secondsPerColumn: this.#span / this.sampleRate,
      columns,
      bins: this.#frames.bins,
      power: this.#power.slice(0, columns * this.#frames.bins),
    };
  }

  readonly #add = (power: Float64Array): void => {
    if (Math.floor(this.#centre / this.#span) > this.#columns) this.#endColumn();
    if (this.#columns === this.#maxColumns) this.#mergePairs();
    for (let bin = 0; bin < power.length; bin++) this.#column[bin]! += power[bin]!;
    this.#framesInColumn++;
    this.#centre += this.#frames.hop;
  };

  #endColumn(): void {
    if (this.#framesInColumn === 0) return;
    const at = this.#columns * this.#column.length;
    for (let bin = 0; bin < this.#column.length; bin++) {
      this.#power[at + bin] = this.#column[bin]! / this.#framesInColumn;
    }
    this.#column.fill(0);
    this.#framesInColumn = 0;
    this.#columns++;
  }

  #mergePairs(): void {
    const bins = this.#column.length;
    this.#columns /= 2;
    for (let column = 0; column < this.#columns; column++) {
      for (let bin = 0; bin < bins; bin++) {
        const at = 2 * column * bins + bin;
        this.#power[column * bins + bin] = (this.#power[at]! + this.#power[at + bins]!) / 2;
      }
    }
    this.#span *= 2;
    this.#frames.hop = Math.min(this.#frames.size, this.#span);
  }
}
