import { PowerSpectra } from '../../src/audio/stft.js';

/** Frames are at least this long: 64 ms tell apart lines that lie 31 Hz from each other. */
const FRAME_SECONDS = 0.06;
/** Band in which lines are looked for, Hz. */
const LOWEST_HZ = 120;
const HIGHEST_HZ = 6000;
/** A line stands this much out of the mean of its surroundings, which reach so far on both sides: 12 dB, 250 Hz. */
const LINE_RATIO = 16;
const SURROUNDINGS_HZ = 250;
/** Lines younger are the gliding harmonics of speech, older ones hum and whistles, which are to go. Seconds. */
const YOUNGEST_SECONDS = 0.12;
const OLDEST_SECONDS = 3;
/** How far a line may stray from where it began and still be a steady note, in bins: 8 Hz at 16 kHz. */
const STEADY_BINS = 0.5;
/** A whistle is one line or two. */
const FEWEST_LINES = 3;
/** Memory of the decision, seconds. */
const MEMORY_SECONDS = 1;
/** Share of lines in the audio from which on strength is eased, and from which on nothing is taken away. */
const EASED = 0.05;
const UNTOUCHED = 0.14;
/** How fast strength goes down, and comes back, per second. */
const DOWN_PER_SECOND = 2;
const UP_PER_SECOND = 0.2;

/**
 * Finds out that the model is taking music away, by what it removes.
 *
 * Noise that is removed has no lines in its spectrum; hum and whistles have lines that stay for ever; the harmonics of a
 * voice glide and are not removed. What is left are the notes of music: lines that stand still for longer than a syllable
 * and not for ever, several at a time. Measured is their power in what is removed, over the power of the whole input. A
 * model that lets music pass removes no lines, and is left alone.
 *
 * Keys and plucked strings stand still; what wobbles is a violin's vibrato or a baby's cry, and nothing in the lines tells
 * these apart: that is left to where the audio comes from. Over 5 s recordings with the shipped model, share of the
 * denoising that was applied to babies 0.96 and cocks 0.88 (where music is expected 0.50 and 0.18), to solo violins
 * 1 (0.46), to a band 0.03, a piano 0.49 (0.47), an organ 0.41, to speech 1.
 */
export class MusicGuard {
  /** Share of the denoising to apply, 0 … 1. */
  share = 1;
  /** Power of notes in what is removed, over that of the input, over about the last second. */
  noteShare = 0;
  readonly #input: PowerSpectra;
  readonly #removed: PowerSpectra;
  /** Of each bin, since when there is a line, seconds, and where it began, in bins: of the last frame and this one. */
  readonly #ages: [Float32Array, Float32Array];
  readonly #origins: [Float32Array, Float32Array];
  #tolerance: number;
  readonly #hopSeconds: number;
  readonly #first: number;
  readonly #last: number;
  readonly #reach: number;
  #sums: Float64Array;
  #notePower = 0;
  #inputPower = 0;
  #inputPowers: number[] = [];
  #difference = new Float32Array(0);
  #mono = new Float32Array(0);

  /** @param sampleRate Hz. @param options.musicExpected Count notes with vibrato as music, too; default false. */
  constructor(
    readonly sampleRate: number,
    { musicExpected = false }: { musicExpected?: boolean } = {},
  ) {
    this.#tolerance = toleranceFor(musicExpected);
    const size = 2 ** Math.ceil(Math.log2(FRAME_SECONDS * sampleRate));
    const hop = size / 2;
    const binHz = sampleRate / size;
    this.#input = new PowerSpectra({ size, hop });
    this.#removed = new PowerSpectra({ size, hop });
    this.#hopSeconds = hop / sampleRate;
    this.#reach = Math.round(SURROUNDINGS_HZ / binHz);
    this.#first = Math.round(LOWEST_HZ / binHz);
    this.#last = Math.min(size / 2 - 1, Math.round(HIGHEST_HZ / binHz));
    this.#ages = [new Float32Array(size / 2 + 1), new Float32Array(size / 2 + 1)];
    this.#origins = [new Float32Array(size / 2 + 1), new Float32Array(size / 2 + 1)];
    this.#sums = new Float64Array(size / 2 + 2);
  }

  /** Whether notes with vibrato count as music from now on. */
  set musicExpected(expected: boolean) {
    this.#tolerance = toleranceFor(expected);
  }

  /** Takes the audio before and after the model, in step: `[channels][time]`. */
  push(before: readonly Float32Array[], after: readonly Float32Array[]): void {
    const length = before[0].length;
    if (this.#mono.length < length) {
      this.#mono = new Float32Array(length);
      this.#difference = new Float32Array(length);
    }
    const mono = this.#mono.subarray(0, length).fill(0);
    const difference = this.#difference.subarray(0, length).fill(0);
    before.forEach((channel, c) => {
      for (let n = 0; n < length; n++) {
        mono[n] += channel[n];
        difference[n] += channel[n] - after[c][n];
      }
    });
    this.#input.push(mono, (power) => void this.#inputPowers.push(this.#bandPower(power)));
    this.#removed.push(difference, (power) => this.#judge(power, this.#inputPowers.shift()!));
  }

  #bandPower(power: Float64Array): number {
    let sum = 0;
    for (let bin = this.#first; bin <= this.#last; bin++) sum += power[bin];
    return sum;
  }

  #judge(removed: Float64Array, input: number): void {
    const decay = Math.exp(-this.#hopSeconds / MEMORY_SECONDS);
    this.#notePower = this.#notePower * decay + this.#notes(removed);
    this.#inputPower = this.#inputPower * decay + input;
    this.noteShare = this.#notePower / (this.#inputPower + 1e-12);
    const wanted = Math.max(0, Math.min(1, (UNTOUCHED - this.noteShare) / (UNTOUCHED - EASED)));
    const change = wanted - this.share;
    const down = DOWN_PER_SECOND * this.#hopSeconds;
    this.share += Math.max(-down, Math.min(UP_PER_SECOND * this.#hopSeconds, change));
  }

  /** Power in lines of the right age; 0 when they are too few. */
  #notes(power: Float64Array): number {
    const [ages, next] = this.#ages;
    const [origins, nextOrigins] = this.#origins;
    const sums = this.#sums;
    for (let bin = 0; bin < power.length; bin++) sums[bin + 1] = sums[bin] + power[bin];
    let total = 0;
    let lines = 0;
    next.fill(0);
    for (let bin = this.#first; bin <= this.#last; bin++) {
      const isPeak = power[bin] >= power[bin - 1] && power[bin] > power[bin + 1];
      if (!isPeak || !this.#standsOut(power, bin)) continue;
      const place = placeOf(power, bin);
      const side = ages[bin - 1] > ages[bin + 1] ? bin - 1 : bin + 1;
      const before = ages[side] > ages[bin] ? side : bin;
      const goesOn = ages[before] > 0 && Math.abs(place - origins[before]) <= this.#tolerance;
      const age = (goesOn ? ages[before] : 0) + this.#hopSeconds;
      next[bin] = age;
      nextOrigins[bin] = goesOn ? origins[before] : place;
      if (age < YOUNGEST_SECONDS || age > OLDEST_SECONDS) continue;
      lines++;
      total += sums[bin + 3] - sums[bin - 2];
    }
    this.#ages.reverse();
    this.#origins.reverse();
    return lines < FEWEST_LINES ? 0 : total;
  }

  #standsOut(power: Float64Array, bin: number): boolean {
    const sums = this.#sums;
    const from = Math.max(0, bin - this.#reach);
    const to = Math.min(power.length, bin + this.#reach + 1);
    const line = sums[bin + 3] - sums[bin - 2];
    const around = (sums[to] - sums[from] - line) / (to - from - 5);
    return power[bin] > LINE_RATIO * around;
  }
}

/** How far a line may move, in bins. */
const toleranceFor = (musicExpected: boolean): number =>
  musicExpected ? Number.POSITIVE_INFINITY : STEADY_BINS;

/** Where the top of a peak lies between the bins: that of the parabola through the logarithms of its three powers. */
function placeOf(power: Float64Array, bin: number): number {
  const left = Math.log(power[bin - 1] + 1e-30);
  const top = Math.log(power[bin] + 1e-30);
  const right = Math.log(power[bin + 1] + 1e-30);
  const bend = left - 2 * top + right;
  return bend < 0 ? bin + (0.5 * (left - right)) / bend : bin;
}
