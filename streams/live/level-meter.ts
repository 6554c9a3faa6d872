import { PowerSpectra } from '../../src/audio/stft.js';

/** Frame in which power is taken, seconds. */
const FRAME_SECONDS = 0.02;
/** Frames for level and peak, and for the noise floor: 0.3 s and 3 s. */
const LEVEL_FRAMES = 15;
const NOISE_FRAMES = 150;
/** Fewest frames for a ratio: half a second. */
const FEWEST_FRAMES = 25;
/** Share of the frames, the quietest ones, that count as noise alone. */
const NOISE_SHARE = 0.15;
/** Frames with less power are silence, such as those of a shut squelch: −120 dBFS. */
const SILENCE = 1e-12;
/** Lowest noise floor: −90 dBFS, one bit of 16. */
const LEAST_NOISE = 1e-9;
const SPECTRUM_SIZE = 1024;

/** Levels of a stream in dBFS: 0 is a square wave of full scale, −3 a sine. */
export class LevelMeter {
  readonly #powers = new Float64Array(NOISE_FRAMES);
  readonly #peaks = new Float64Array(LEVEL_FRAMES);
  readonly #sorted = new Float64Array(NOISE_FRAMES);
  readonly #recent = new Float32Array(SPECTRUM_SIZE);
  readonly #frameSamples: number;
  #frames = 0;
  #filled = 0;
  #sum = 0;
  #peak = 0;
  #at = 0;

  /** @param sampleRate Hz */
  constructor(readonly sampleRate: number) {
    this.#frameSamples = Math.round(FRAME_SECONDS * sampleRate);
  }

  /** Takes samples, `[channels][time]`; measured is their mean over the channels, the peak over all. */
  push(samples: readonly Float32Array[]): void {
    const length = samples[0].length;
    for (let n = 0; n < length; n++) {
      let mono = 0;
      for (const channel of samples) {
        mono += channel[n];
        this.#peak = Math.max(this.#peak, Math.abs(channel[n]));
      }
      mono /= samples.length;
      this.#sum += mono * mono;
      this.#recent[this.#at] = mono;
      this.#at = (this.#at + 1) % SPECTRUM_SIZE;
      if (++this.#filled === this.#frameSamples) this.#endFrame();
    }
  }

  /** Takes `length` samples of silence. */
  pushSilence(length: number): void {
    for (let n = 0; n < length; n++) {
      this.#recent[this.#at] = 0;
      this.#at = (this.#at + 1) % SPECTRUM_SIZE;
      if (++this.#filled === this.#frameSamples) this.#endFrame();
    }
  }

  /** RMS over the last 0.3 s, dBFS; −∞ for silence. */
  get rmsDb(): number {
    const count = Math.min(this.#frames, LEVEL_FRAMES);
    let sum = 0;
    for (let back = 1; back <= count; back++)
      sum += this.#powers[(this.#frames - back + NOISE_FRAMES) % NOISE_FRAMES];
    return 10 * Math.log10(sum / Math.max(1, count));
  }

  /** Largest sample of the last 0.3 s, dBFS. */
  get peakDb(): number {
    return 20 * Math.log10(Math.max(...this.#peaks));
  }

  /** Noise floor, dBFS: mean of the quietest 15 % of the last 3 s; `undefined` when there was too little audio. */
  get noiseDb(): number | undefined {
    const found = this.#noiseAndTotal();
    return found === undefined ? undefined : 10 * Math.log10(found.noise);
  }

  /**
   * Estimate of the signal-to-noise ratio over the last 3 s, dB: all power less that of the noise floor, over the noise
   * floor. It needs pauses in the signal; steady music has none, and counts as its own noise. `undefined` without audio.
   */
  get snrDb(): number | undefined {
    const found = this.#noiseAndTotal();
    if (found === undefined) return undefined;
    const { noise, total } = found;
    return 10 * Math.log10(Math.max(total - noise, noise * 1e-2) / noise);
  }

  /** Power of the last 1024 samples, dBFS per bin from 0 Hz to half the rate: `[513]`, for a picture. */
  spectrum(): Float32Array {
    const spectra = new PowerSpectra({ size: SPECTRUM_SIZE, hop: SPECTRUM_SIZE });
    const result = new Float32Array(spectra.bins);
    const latest = Float32Array.from(this.#recent, (_, n) => this.#recent[(this.#at + n) % SPECTRUM_SIZE]);
    spectra.push(latest, (power) => {
      for (let bin = 0; bin < result.length; bin++) result[bin] = 10 * Math.log10(power[bin] + 1e-15);
    });
    return result;
  }

  /** Forgets everything. */
  reset(): void {
    this.#powers.fill(0);
    this.#peaks.fill(0);
    this.#recent.fill(0);
    this.#frames = this.#filled = this.#sum = this.#peak = 0;
  }

  #endFrame(): void {
    this.#powers[this.#frames % NOISE_FRAMES] = this.#sum / this.#frameSamples;
    this.#peaks[this.#frames % LEVEL_FRAMES] = this.#peak;
    this.#frames++;
    this.#filled = 0;
    this.#sum = 0;
    this.#peak = 0;
  }

  #noiseAndTotal(): { noise: number; total: number } | undefined {
    let count = 0;
    let sum = 0;
    for (const power of this.#powers) {
      if (power < SILENCE) continue;
      this.#sorted[count++] = power;
      sum += power;
    }
    if (count < FEWEST_FRAMES) return undefined;
    const quiet = this.#sorted
      .subarray(0, count)
      .sort()
      .subarray(0, Math.ceil(NOISE_SHARE * count));
    let noise = 0;
    for (const power of quiet) noise += power / quiet.length;
    return { noise: Math.max(noise, LEAST_NOISE), total: sum / count };
  }
}
