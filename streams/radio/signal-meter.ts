import { FloorMeter } from './floor-meter.js';
import { NoiseMeter } from './noise-meter.js';
import type { ResolvedOptions } from './receiver-options.js';

const FRAMES_PER_SECOND = 100;
/** Where only noise is left, between audio and edge, as shares of the channel's width. */
const NOISE_BAND = [0.36, 0.44] as const;
/**
 * Under this the channel holds nothing: a radio that is muted gives zeros. −150 dBFS is 30 dB under the rounding of 16
 * bits in the narrowest channel. Its ratio is told as −30 dB.
 */
const LEAST_POWER = 1e-15;
const NO_SIGNAL_DB = -30;
/**
 * The meters forget over so many frames: fast for the squelch, slow for display. Noise alone reads 5 ± 0.5 dB in AM over 8
 * frames; over 4, ± 0.8 dB, it would hold a squelch open that shuts at 7.
 */
const FAST_FRAMES = { fm: 4, am: 8 } as const;
const SLOW_FRAMES = 20;

/** Measures level and signal-to-noise ratio of a channel, in frames of 10 ms. */
export class SignalMeter {
  /** Power in the channel, dBFS, smoothed over 40 ms; −∞ before the first frame. */
  levelDb = Number.NEGATIVE_INFINITY;
  /** Signal-to-noise ratio, dB, smoothed over 40 ms (AM: 80 ms), and over 0.2 s. */
  fastSnrDb = 0;
  snrDb = 0;
  /** The ratio in the last frame alone, and that frame's power, dBFS. */
  frameSnrDb = 0;
  frameLevelDb = Number.NEGATIVE_INFINITY;
  /** Length of a frame, samples, and frames per second. */
  readonly frame: number;
  readonly frameRate: number;
  readonly #am: boolean;
  readonly #isGainOff: boolean;
  readonly #noise: NoiseMeter | undefined;
  readonly #floor: FloorMeter;
  #framePower = 0;
  #frameSum = 0;
  #power = 0;
  #noiseRatio = 0;
  #metered = 0;

  /** @param rate Rate of the channel's samples, Hz. */
  constructor({ mode, agc, bandwidthHz, deviationHz }: ResolvedOptions, rate: number) {
    const fm = mode === 'nbfm' || mode === 'wbfm';
    this.#am = mode === 'am' || mode === 'sam';
    this.#isGainOff = agc === 'off';
    this.frame = Math.max(1, Math.round(rate / FRAMES_PER_SECOND));
    this.frameRate = rate / this.frame;
    this.#noise =
      fm || this.#am
        ? new NoiseMeter({
            rate,
            lowHz: bandwidthHz * NOISE_BAND[0],
            highHz: bandwidthHz * NOISE_BAND[1],
            channelHz: bandwidthHz,
            demodulation: fm ? { kind: 'fm', deviationHz } : { kind: 'am' },
            frame: this.frame,
          })
        : undefined;
    this.#floor = new FloorMeter({ frameRate: this.frameRate });
  }

  /** What the squelch goes by, dB: while the meter of a carrier fills, no signal. */
  get squelchSnrDb(): number {
    const isFilling = this.#noise !== undefined && this.#metered < FAST_FRAMES.fm;
    return isFilling ? NO_SIGNAL_DB : this.fastSnrDb;
  }

  /**
   * AM: noise in the channel over the carrier now, linear. Voices reach into the band where noise is measured (a sibilant
   * there reads 15 dB), so the noise is the least of the last seconds: between a station's fades it does not change.
   */
  get noiseOverCarrier(): number {
    return this.#floor.floor < 0 ? 1 : this.#floor.floor / Math.max(this.#power, LEAST_POWER);
  }

  /** Takes complex samples of the channel, `[from, from + count)`. */
  addSamples(i: Float32Array, q: Float32Array, from: number, count: number): void {
    let power = this.#framePower;
    for (let n = from; n < from + count; n++) power += i[n] * i[n] + q[n] * q[n];
    this.#framePower = power;
  }

  /** Takes the audio that was demodulated from them. */
  addAudio(audio: Float32Array, from: number, count: number): void {
    for (let n = from; n < from + count; n++) this.#frameSum += audio[n];
    this.#noise?.push(audio, from, count);
  }

  /** @param offset AM: sum of the direct current that was taken out of the frame because the carrier had fallen. */
  endFrame(offset: number): void {
    const power = this.#framePower / this.frame;
    this.frameLevelDb = 10 * Math.log10(Math.max(power, 1e-20));
    if (this.#metered < SLOW_FRAMES) this.#metered++;
    this.#power += (power - this.#power) / Math.min(this.#metered, FAST_FRAMES.fm);
    this.levelDb = 10 * Math.log10(Math.max(this.#power, 1e-20));
    if (this.#noise === undefined) {
      this.fastSnrDb = 10 * Math.log10(Math.max(this.#floor.push(power) - 1, 1e-3));
      this.snrDb = this.fastSnrDb;
    } else this.#meterNoise(power, this.#noise.take(), offset);
    this.#framePower = 0;
    this.#frameSum = 0;
  }

  /** From a frame's power and the ratio of carrier to noise that its audio tells, linear. */
  #meterNoise(power: number, ratio: number, offset: number): void {
    // Zeros have no noise either, and would read as the clearest of signals.
    if (ratio === 0 || power < LEAST_POWER) {
      this.#metered = 0;
      this.fastSnrDb = NO_SIGNAL_DB;
      this.frameSnrDb = NO_SIGNAL_DB;
      this.snrDb = NO_SIGNAL_DB;
      return;
    }
    const am = this.#am;
    // A carrier that has gone is still divided by for a second: what there is of it now is the mean of the audio plus 1.
    const left = am ? Math.min(1, 1 + (this.#frameSum + offset) / this.frame) : 1;
    const noise = 1 / (ratio * (am && this.#isGainOff ? power : Math.max(left * left, 1e-9)));
    if (am) this.#floor.push(noise * power);
    this.frameSnrDb = -10 * Math.log10(Math.max(noise, 1e-12));
    this.#noiseRatio += (noise - this.#noiseRatio) / Math.min(this.#metered, FAST_FRAMES[am ? 'am' : 'fm']);
    this.fastSnrDb = -10 * Math.log10(Math.max(this.#noiseRatio, 1e-12));
    // Averaged in dB: the mean of the ratio would take a second to forget a time without a carrier.
    this.snrDb += (this.frameSnrDb - this.snrDb) / this.#metered;
  }

  /** Forgets everything. */
  reset(): void {
    this.#floor.reset();
    this.#noise?.reset();
    this.#framePower = 0;
    this.#frameSum = 0;
    this.#power = 0;
    this.#noiseRatio = 0;
    this.#metered = 0;
    this.levelDb = Number.NEGATIVE_INFINITY;
    this.frameLevelDb = Number.NEGATIVE_INFINITY;
    this.frameSnrDb = 0;
    this.fastSnrDb = 0;
    this.snrDb = 0;
  }
}
