import { SampleQueue } from '../audio/sample-queue.js';
import { PowerSpectra } from '../audio/stft.js';

const FRAME = 128;
const HOP = 64;
/** Where the watched band begins and ends, as shares of what both the model and the recording hold: 5 … 7.5 kHz of 8 kHz. */
const LOWEST = 0.625;
const HIGHEST = 0.9375;
const MEMORY_SECONDS = 0.01;
/** Power below which nothing is judged: −110 dBFS in the whole band. */
const SILENCE = 1e-11;
/** Gains above the first are left alone, and down to the second are eased towards it, in dB. */
const UNTOUCHED_DB = -1;
const EASED_DB = -3;

/**
 * How strongly to turn down what lies above the band that the model hears, read from what the model did at the top of it.
 *
 * Noise and the hiss of consonants go on smoothly across the edge of the band, so the ratio of clean to noisy power at
 * 5–7.5 kHz is the best guess for what follows. Both powers are averaged with a memory of 10 ms before they are divided: a
 * consonant is much louder than the noise around it and decides the ratio at once, while in noise alone five frames of 21
 * bins are averaged and the gain stays still. 20 ms would let noise 26 dB down come through for 0.26 s after a sound 30 dB
 * above it; 10 ms halve that. A model that takes away less than 1 dB is taken to have heard no noise: gain 1.
 */
export class UpperBandGain {
  readonly #noisy: BandPower;
  readonly #clean: BandPower;
  readonly #gains = new SampleQueue();
  readonly #one = new Float32Array(1);
  readonly #decay: number;
  /** Number of the oldest gain that is kept. */
  #first = 0;
  #noisyPower = 0;
  #cleanPower = 0;

  /** How many samples at the model's rate must have been heard after one for its gain to be known. */
  static readonly lookahead = FRAME / 2 + HOP;

  /**
   * @param modelRate The model's rate in Hz.
   * @param recordingRate The recording's rate in Hz; where it is lower, it says where the band that both hold ends.
   */
  constructor(modelRate: number, recordingRate: number) {
    const edge = (Math.min(1, recordingRate / modelRate) * FRAME) / 2;
    this.#noisy = new BandPower(Math.floor(LOWEST * edge), Math.floor(HIGHEST * edge));
    this.#clean = new BandPower(Math.floor(LOWEST * edge), Math.floor(HIGHEST * edge));
    this.#decay = Math.exp(-HOP / (MEMORY_SECONDS * modelRate));
  }

  /** Takes the next samples of the model's input and of its output, as many of each. */
  push(noisy: Float32Array, clean: Float32Array): void {
    this.#noisy.push(noisy);
    this.#clean.push(clean);
    const frames = this.#noisy.powers.length;
    for (let i = 0; i < frames; i++) {
      this.#noisyPower = this.#noisyPower * this.#decay + this.#noisy.powers.at(i);
      this.#cleanPower = this.#cleanPower * this.#decay + this.#clean.powers.at(i);
      this.#one[0] = easedGain((this.#cleanPower + SILENCE) / (this.#noisyPower + SILENCE));
      this.#gains.push(this.#one);
    }
    this.#noisy.powers.drop(frames);
    this.#clean.powers.drop(frames);
  }

  /** For how many samples at the model's rate since the start the gain is known. */
  get known(): number {
    return Math.max(0, (this.#first + this.#gains.length - 1) * HOP);
  }

  /** Amplitude factor 0 … 1 at a time, in samples at the model's rate since the start: below {@link known}, not forgotten. */
  at(time: number): number {
    const position = time / HOP;
    const frame = Math.floor(position);
    const from = this.#gains.at(frame - this.#first);
    return from + (this.#gains.at(frame - this.#first + 1) - from) * (position - frame);
  }

  /** Lets go of the gains before a time, which must be below {@link known}. */
  forget(time: number): void {
    const frame = Math.floor(time / HOP);
    this.#gains.drop(frame - this.#first);
    this.#first = frame;
  }

  /** Makes the gain known for everything that was heard. */
  flush(): void {
    const silence = new Float32Array(UpperBandGain.lookahead + HOP);
    this.push(silence, silence);
  }

  reset(): void {
    this.#noisy.reset();
    this.#clean.reset();
    this.#gains.clear();
    this.#first = 0;
    this.#noisyPower = 0;
    this.#cleanPower = 0;
  }
}

/** Power of a band of bins in frames whose middles stand at every multiple of the hop, from 0. */
class BandPower {
  readonly powers = new SampleQueue();
  readonly #spectra = new PowerSpectra({ size: FRAME, hop: HOP });
  readonly #one = new Float32Array(1);

  constructor(
    readonly firstBin: number,
    readonly lastBin: number,
  ) {
    this.reset();
  }

  push(samples: Float32Array): void {
    this.#spectra.push(samples, this.#add);
  }

  reset(): void {
    this.powers.clear();
    this.#spectra.reset();
    this.#spectra.push(new Float32Array(FRAME / 2), this.#add);
  }

  readonly #add = (power: Float64Array): void => {
    let sum = 0;
    for (let bin = this.firstBin; bin <= this.lastBin; bin++) sum += power[bin]!;
    this.#one[0] = sum;
    this.powers.push(this.#one);
  };
}

function easedGain(powerRatio: number): number {
  const db = 10 * Math.log10(powerRatio);
  if (db >= UNTOUCHED_DB) return 1;
  const eased = db > EASED_DB ? ((db - UNTOUCHED_DB) * EASED_DB) / (EASED_DB - UNTOUCHED_DB) : db;
  return 10 ** (eased / 20);
}
