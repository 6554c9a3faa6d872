import { type RealFft, realFft } from '../../src/audio/fft.js';
import type { Stage } from './stage.js';
import { ToneTracker } from './tone-tracker.js';

export interface NotchesConfig {
  /** Samples per second, Hz. */
  rate: number;
  /** Highest pitch that is heard, Hz. */
  highestHz: number;
  /** Pitches to take out always, Hz. */
  fixedHz: readonly number[];
  /** Take out whistles that stay, too. */
  automatic: boolean;
}

/** Width of a notch at −3 dB, Hz: voices miss nothing, and it is at its depth after 20 ms. */
const WIDTH_HZ = 30;
/** A notch is cut and filled within this, seconds: no click. */
const FADE_SECONDS = 0.03;
/** Width of a bin in which whistles are looked for, at most, Hz: harmonics of a voice lie ten bins and more apart. */
const BIN_HZ = 8;

/** A notch on one pitch: what a resonance of the same pitch passes is subtracted. */
class Notch {
  fading: 'in' | 'out' = 'in';
  #hz = 0;
  #share = 0;
  #b = 0;
  #a1 = 0;
  #a2 = 0;
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;

  constructor(
    private readonly rate: number,
    hz: number,
  ) {
    this.hz = hz;
  }

  get hz(): number {
    return this.#hz;
  }

  /** Band-pass of peak gain 1 (R. Bristow-Johnson, Audio EQ Cookbook). */
  set hz(hz: number) {
    this.#hz = hz;
    const turn = (2 * Math.PI * hz) / this.rate;
    const alpha = Math.sin(turn) * (WIDTH_HZ / (2 * hz));
    this.#b = alpha / (1 + alpha);
    this.#a1 = (-2 * Math.cos(turn)) / (1 + alpha);
    this.#a2 = (1 - alpha) / (1 + alpha);
  }

  get isFilled(): boolean {
    return this.fading === 'out' && this.#share === 0;
  }

  process(x: Float32Array, from: number, count: number): void {
    const step = (this.fading === 'in' ? 1 : -1) / (FADE_SECONDS * this.rate);
    for (let n = from; n < from + count; n++) {
      const y = this.#b * (x[n] - this.#x2) - this.#a1 * this.#y1 - this.#a2 * this.#y2;
      this.#x2 = this.#x1;
      this.#x1 = x[n];
      this.#y2 = this.#y1;
      this.#y1 = y;
      this.#share = Math.max(0, Math.min(1, this.#share + step));
      x[n] -= this.#share * y;
    }
  }
}

/** Takes whistles out of demodulated audio: pitches that are named, and carriers that stay where they are for seconds. */
export class Notches implements Stage<NotchesConfig> {
  readonly latency = 0;
  #fixed: Notch[];
  #found: Notch[] = [];
  readonly #fft: RealFft | undefined;
  readonly #tracker: ToneTracker | undefined;
  readonly #frame: Float32Array;
  readonly #power: Float64Array;
  readonly #window: Float64Array;
  #filled = 0;

  constructor(readonly config: Readonly<NotchesConfig>) {
    const { rate, highestHz, automatic } = config;
    const size = 2 ** Math.ceil(Math.log2(rate / BIN_HZ));
    this.#fixed = this.#makeFixed();
    this.#frame = new Float32Array(automatic ? size : 0);
    this.#window = Float64Array.from(this.#frame, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));
    this.#fft = automatic ? realFft(size) : undefined;
    this.#power = new Float64Array(this.#fft?.bins ?? 0);
    this.#tracker = automatic ? new ToneTracker({ binHz: rate / size, highestHz }) : undefined;
  }

  /** Pitches that are taken out now, Hz. */
  get pitches(): number[] {
    return [...this.#fixed, ...this.#found.filter(({ fading }) => fading === 'in')].map(({ hz }) => hz);
  }

  /** Works in place on `[from, from + count)`. */
  process(x: Float32Array, from: number, count: number): void {
    for (let done = 0; done < count; ) {
      // A whistle is looked for in the audio as it came, or its notch would hide it.
      const n = this.#fft === undefined ? count : Math.min(count - done, this.#frame.length - this.#filled);
      if (this.#fft !== undefined) this.#collect(x, from + done, n);
      for (const notch of this.#fixed) notch.process(x, from + done, n);
      for (const notch of this.#found) notch.process(x, from + done, n);
      done += n;
      if (this.#fft !== undefined && this.#filled === this.#frame.length) this.#look(this.#fft);
    }
  }

  #collect(x: Float32Array, from: number, count: number): void {
    for (let n = 0; n < count; n++) {
      this.#frame[this.#filled] = x[from + n] * this.#window[this.#filled];
      this.#filled++;
    }
  }

  #look(fft: RealFft): void {
    this.#filled = 0;
    fft.power(this.#frame, this.#power);
    const tones = this.#tracker!.update(this.#power);
    this.#found = this.#found.filter(({ isFilled }) => !isFilled);
    for (const notch of this.#found) {
      const same = tones.findIndex((hz) => Math.abs(hz - notch.hz) < WIDTH_HZ / 2);
      notch.fading = same < 0 ? 'out' : 'in';
      if (same >= 0) notch.hz = tones.splice(same, 1)[0];
    }
    for (const hz of tones) this.#found.push(new Notch(this.config.rate, hz));
  }

  #makeFixed(): Notch[] {
    const { rate, fixedHz } = this.config;
    return fixedHz.filter((hz) => hz < rate / 2).map((hz) => new Notch(rate, hz));
  }

  reset(): void {
    this.#fixed = this.#makeFixed();
    this.#found = [];
    this.#tracker?.reset();
    this.#filled = 0;
  }

  clone(): Notches {
    return new Notches(this.config);
  }
}
