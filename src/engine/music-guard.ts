import { isFftSize } from '../audio/fft.js';
import { PowerSpectra } from '../audio/stft.js';
import { SteadyLines } from './steady-lines.js';

/** Frames are at least this long: 128 ms tell apart notes that lie 16 Hz from each other, a semitone at 260 Hz. */
const FRAME_SECONDS = 0.128;
const FRAMES_PER_LENGTH = 4;
/** Memory of the decision, seconds. */
const MEMORY_SECONDS = 2;
/** Share of notes in the audio from which on denoising is eased, and from which on nothing is taken away. */
const EASED = 0.04;
const UNTOUCHED = 0.1;
/** How fast the share of denoising goes down, and comes back, per second. */
const DOWN_PER_SECOND = 2;
const UP_PER_SECOND = 0.25;

export interface MusicGuardOptions {
  /** Count notes with vibrato as music, too; default false. */
  musicExpected?: boolean;
  /** Share of the denoising that `after` has had already, above 0 to 1; default 1. */
  strength?: number;
}

/**
 * Finds out that the model is taking music away, by what it removes, and gives it back.
 *
 * Noise that is removed has no lines in its spectrum; hum and fans have lines of one series; the harmonics of a voice glide
 * and are not removed. What is left are the notes of music ({@link SteadyLines}). Measured is their power in what is removed,
 * over the power of the whole input. A model that lets music pass removes no notes, and is left alone.
 *
 * Causal: what is decided at a sample depends on earlier ones only, and not on how the audio is cut into chunks. Figures on
 * music, speech and noise are in docs/music.md.
 */
export class MusicGuard {
  /** Power of notes in what is removed, over that of the input, over about the last seconds. */
  noteShare = 0;
  readonly #input: PowerSpectra;
  readonly #removed: PowerSpectra;
  readonly #lines: SteadyLines;
  readonly #hopSeconds: number;
  readonly #gain: number;
  readonly #mono: Float32Array;
  readonly #difference: Float32Array;
  #notePower = 0;
  #inputPower = 0;
  #frameInput = 0;
  /** The share glides from one frame to the next. */
  #from = 1;
  #to = 1;
  /** Samples from the last frame to the next, and how many of them are done. */
  #stretch: number;
  #done = 0;
  #easedSamples = 0;

  /** @param sampleRate Hz. */
  constructor(
    readonly sampleRate: number,
    { musicExpected = false, strength = 1 }: MusicGuardOptions = {},
  ) {
    const size = frameSize(sampleRate);
    const hop = size / FRAMES_PER_LENGTH;
    this.#input = new PowerSpectra({ size, hop });
    this.#removed = new PowerSpectra({ size, hop });
    this.#hopSeconds = hop / sampleRate;
    this.#lines = new SteadyLines(size / 2 + 1, sampleRate / size, this.#hopSeconds);
    this.#gain = 1 / strength;
    this.#mono = new Float32Array(size);
    this.#difference = new Float32Array(size);
    this.#stretch = size;
    this.musicExpected = musicExpected;
  }

  /** Whether notes with vibrato count as music from now on. */
  set musicExpected(expected: boolean) {
    this.#lines.wobbling = expected;
  }

  /** Share of the denoising to apply, 0 … 1. */
  get share(): number {
    return this.#to;
  }

  /** For how long denoising was held back, seconds: half of it for two seconds counts as one. */
  get easedSeconds(): number {
    return this.#easedSamples / this.sampleRate;
  }

  /**
   * Takes the audio before and after the model, in step, and brings `after` back towards `before` where there is music.
   *
   * @param before `[channels][time]`, finite: one NaN would be remembered for ever. @param after The same shape; changed in place.
   */
  ease(before: readonly Float32Array[], after: readonly Float32Array[]): void {
    const { length } = before[0];
    for (let from = 0; from < length; ) {
      const to = Math.min(length, from + this.#stretch - this.#done);
      const count = to - from;
      const mono = this.#mono.subarray(0, count).fill(0);
      const difference = this.#difference.subarray(0, count).fill(0);
      before.forEach((channel, c) => {
        for (let n = 0; n < count; n++) {
          mono[n] += channel[from + n];
          difference[n] += this.#gain * (channel[from + n] - after[c][from + n]);
        }
      });
      this.#blend(before, after, from, to);
      this.#input.push(mono, (power) => {
        this.#frameInput = this.#bandPower(power);
      });
      this.#removed.push(difference, (power) => this.#judge(power));
      from = to;
    }
  }

  #blend(before: readonly Float32Array[], after: readonly Float32Array[], from: number, to: number): void {
    const slope = (this.#to - this.#from) / this.#stretch;
    const start = this.#from + slope * this.#done;
    const count = to - from;
    this.#done += count;
    if (start === 1 && slope === 0) return;
    before.forEach((dry, c) => {
      const wet = after[c];
      for (let n = from; n < to; n++) wet[n] = dry[n] + (start + slope * (n - from)) * (wet[n] - dry[n]);
    });
    this.#easedSamples += count * (1 - start - (slope * (count - 1)) / 2);
  }

  #bandPower(power: Float64Array): number {
    let sum = 0;
    for (let bin = this.#lines.first; bin <= this.#lines.last; bin++) sum += power[bin];
    return sum;
  }

  /** A frame is complete: decides on the share at the next. */
  #judge(removed: Float64Array): void {
    const decay = Math.exp(-this.#hopSeconds / MEMORY_SECONDS);
    this.#inputPower = this.#inputPower * decay + this.#frameInput;
    const notes = this.#lines.notePower(removed, this.#inputPower * (1 - decay));
    this.#notePower = this.#notePower * decay + notes;
    this.noteShare = this.#notePower / (this.#inputPower + Number.MIN_VALUE);
    const wanted = Math.max(0, Math.min(1, (UNTOUCHED - this.noteShare) / (UNTOUCHED - EASED)));
    const down = DOWN_PER_SECOND * this.#hopSeconds;
    const up = UP_PER_SECOND * this.#hopSeconds;
    this.#from = this.#to;
    this.#to += Math.max(-down, Math.min(up, wanted - this.#to));
    this.#done = 0;
    this.#stretch = this.#input.hop;
  }
}

/** The shortest frame that the transform can do and that quarters into hops. */
function frameSize(sampleRate: number): number {
  let size = 32 * Math.ceil((FRAME_SECONDS * sampleRate) / 32);
  while (!isFftSize(size)) size += 32;
  return size;
}
