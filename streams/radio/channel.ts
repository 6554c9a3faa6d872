import { Agc } from './agc.js';
import { CtcssDetector } from './ctcss.js';
import { AmEnvelopeDemodulator } from './demodulators/am-envelope.js';
import { AmSynchronousDemodulator } from './demodulators/am-synchronous.js';
import { FmDemodulator } from './demodulators/fm.js';
import { ProductDemodulator } from './demodulators/product.js';
import { AudioFilter } from './filters/audio-filter.js';
import { DeEmphasis } from './filters/de-emphasis.js';

import { RunningMean } from './filters/running-mean.js';
import { FloorMeter } from './floor-meter.js';
import { NoiseMeter } from './noise-meter.js';
import type { ResolvedOptions } from './receiver-options.js';
import { Squelch } from './squelch.js';
import type { Demodulator, Stage } from './stage.js';

export interface ChannelConfig {
  options: ResolvedOptions;
  /** Rate of the channel's samples is `options.inputRate / factor`. */
  factor: number;
  /** Delay of the front end, in channel samples. */
  delayBefore: number;
  /** First channel samples that are silenced because the filters are still filling. */
  settling: number;
  /** The largest number of channel samples per `process`. */
  maxInput: number;
}

const FRAMES_PER_SECOND = 100;
const AUDIO_ATTENUATION_DB = 70;
/** A mistuned carrier is a constant in the sound: its mean is taken over so long (0.3 Hz corner: 0.05° at 400 Hz). */
const OFFSET_SECONDS = 0.5;
/** Where only noise is left, between sound and edge, as shares of the channel's width. */
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

/** From one channel's complex samples to sound: demodulator, meters, squelch, de-emphasis, audio filter and rate, AGC. */
export class Channel implements Stage<ChannelConfig> {
  /** In channel samples, of this part only. */
  readonly latency: number;
  readonly demodulator: Demodulator;
  readonly squelch: Squelch;
  readonly agc: Agc;
  readonly ctcss: CtcssDetector | undefined;
  /** Power in the channel, dBFS, and signal-to-noise ratio, dB, smoothed over 40 ms; the latter also over 0.2 s. */
  levelDb = Number.NEGATIVE_INFINITY;
  fastSnrDb = 0;
  snrDb = 0;
  readonly #offset: RunningMean | undefined;
  readonly #deEmphasis: DeEmphasis | undefined;
  readonly #filter: AudioFilter;
  readonly #noise: NoiseMeter | undefined;
  readonly #floor: FloorMeter;
  readonly #frame: number;
  readonly #sound: Float32Array;
  #inFrame = 0;
  #framePower = 0;
  #frameSum = 0;
  #power = 0;
  #noiseRatio = 0;
  #metered = 0;
  #settling: number;

  constructor(readonly config: Readonly<ChannelConfig>) {
    const { options, factor, delayBefore, maxInput } = config;
    const { mode, inputRate, bandwidthHz, deviationHz, defaults, audioRate } = options;
    const rate = inputRate / factor;
    const fm = mode === 'nbfm' || mode === 'wbfm';
    const am = mode === 'am' || mode === 'sam';
    // It sees nothing of the settling samples, so its time starts that much later.
    this.demodulator = makeDemodulator(options, rate, delayBefore - config.settling);
    this.#frame = Math.max(1, Math.round(rate / FRAMES_PER_SECOND));
    this.#noise =
      fm || am
        ? new NoiseMeter({
            rate,
            lowHz: bandwidthHz * NOISE_BAND[0],
            highHz: bandwidthHz * NOISE_BAND[1],
            channelHz: bandwidthHz,
            demodulation: fm ? { kind: 'fm', deviationHz } : { kind: 'am' },
            frame: this.#frame,
          })
        : undefined;
    const frameRate = rate / this.#frame;
    this.#floor = new FloorMeter({ frameRate });
    this.squelch = new Squelch({
      options: options.squelch,
      noiseThresholdDb: defaults.squelchDb,
      frameRate,
      hangSeconds: defaults.hangSeconds,
      sampleRate: rate,
    });
    this.agc = new Agc({ speed: fm || am ? 'off' : options.agc, sampleRate: audioRate });
    const ratio = { inputRate, inputDivisor: factor, maxInput };
    this.ctcss = mode === 'nbfm' ? new CtcssDetector(ratio) : undefined;
    this.#offset = fm ? new RunningMean({ rate, seconds: OFFSET_SECONDS }) : undefined;
    this.#deEmphasis =
      fm && options.deemphasisUs > 0
        ? new DeEmphasis({ rate, microseconds: options.deemphasisUs })
        : undefined;
    const highest = Math.min(
      mode === 'cw' ? defaults.toneHz + bandwidthHz / 2 : defaults.toneHz + bandwidthHz * defaults.audioShare,
      defaults.mostAudioHz,
    );
    const passHz = Math.min(highest, audioRate * 0.45, rate * 0.4);
    this.#filter = new AudioFilter({
      ...ratio,
      outputRate: audioRate,
      passHz,
      stopHz: Math.min(passHz * 1.25, rate - passHz),
      attenuationDb: AUDIO_ATTENUATION_DB,
      delayBefore: delayBefore + this.demodulator.latency,
    });
    this.latency = this.demodulator.latency + this.#filter.latency;
    this.#sound = new Float32Array(maxInput);
    this.#settling = config.settling;
  }

  /** Most audio samples that `process` of `maxInput` can give. */
  get maxOutput(): number {
    return this.#filter.maxOutput;
  }

  /** Demodulates the first `count` samples of `i`, `q` into `out` from `at` on; gives how many came out. */
  process(i: Float64Array, q: Float64Array, count: number, out: Float32Array, at: number): number {
    const sound = this.#sound;
    let from = Math.min(count, this.#settling);
    this.#settling -= from;
    sound.fill(0, 0, from);
    while (from < count) {
      const n = Math.min(count - from, this.#frame - this.#inFrame);
      this.#processPart(i, q, from, n);
      from += n;
      this.#inFrame += n;
      if (this.#inFrame === this.#frame) this.#endFrame();
    }
    const { input, writeAt } = this.#filter;
    for (let n = 0; n < count; n++) input[writeAt + n] = sound[n];
    const got = this.#filter.run(count, out, at);
    this.agc.process(out, at, got);
    return got;
  }

  #processPart(i: Float64Array, q: Float64Array, from: number, count: number): void {
    const sound = this.#sound;
    let power = this.#framePower;
    for (let n = from; n < from + count; n++) power += i[n] * i[n] + q[n] * q[n];
    this.#framePower = power;
    this.demodulator.process(i, q, from, count, sound);
    for (let n = from; n < from + count; n++) this.#frameSum += sound[n];
    this.#noise?.push(sound, from, count);
    this.#offset?.subtract(sound, from, count);
    this.ctcss?.process(sound, from, count);
    this.#deEmphasis?.process(sound, from, count);
    this.squelch.gate(sound, from, count);
  }

  #endFrame(): void {
    const power = this.#framePower / this.#frame;
    if (this.#metered < SLOW_FRAMES) this.#metered++;
    this.#power += (power - this.#power) / Math.min(this.#metered, FAST_FRAMES.fm);
    this.levelDb = 10 * Math.log10(Math.max(this.#power, 1e-20));
    if (this.#noise === undefined) {
      this.fastSnrDb = 10 * Math.log10(Math.max(this.#floor.push(power) - 1, 1e-3));
      this.snrDb = this.fastSnrDb;
    } else this.#meterNoise(power, this.#noise.take());
    const sure = this.#noise === undefined || this.#metered >= FAST_FRAMES.fm;
    this.squelch.decide(this.levelDb, sure ? this.fastSnrDb : NO_SIGNAL_DB);
    this.#framePower = 0;
    this.#frameSum = 0;
    this.#inFrame = 0;
  }

  /** From a frame's power and the ratio of carrier to noise that its sound tells, linear. */
  #meterNoise(power: number, ratio: number): void {
    const offset = this.demodulator.takeOffset?.() ?? 0;
    // Zeros have no noise either, and would read as the clearest of signals.
    if (ratio === 0 || power < LEAST_POWER) {
      this.#metered = 0;
      this.fastSnrDb = NO_SIGNAL_DB;
      this.snrDb = NO_SIGNAL_DB;
      return;
    }
    const { mode, agc } = this.config.options;
    const am = mode === 'am' || mode === 'sam';
    // A carrier that has gone is still divided by for a second: what there is of it now is the mean of the sound plus 1.
    const left = am ? Math.min(1, 1 + (this.#frameSum + offset) / this.#frame) : 1;
    const noise = 1 / (ratio * (am && agc === 'off' ? power : Math.max(left * left, 1e-9)));
    this.#noiseRatio += (noise - this.#noiseRatio) / Math.min(this.#metered, FAST_FRAMES[am ? 'am' : 'fm']);
    this.fastSnrDb = -10 * Math.log10(Math.max(this.#noiseRatio, 1e-12));
    // Averaged in dB: the mean of the ratio would take a second to forget a time without a carrier.
    this.snrDb += (-10 * Math.log10(Math.max(noise, 1e-12)) - this.snrDb) / this.#metered;
  }

  /** Tells that the oscillator was moved by `hz`, so that the step is not heard. */
  moved(hz: number): void {
    this.#offset?.shift(-hz / this.config.options.deviationHz);
  }

  /** Silences what the filters mix up after a jump of the frequency, and forgets the old carrier. */
  restart(): void {
    this.#settling = this.config.settling;
    this.demodulator.reset();
    this.#offset?.reset();
    this.#deEmphasis?.reset();
    this.ctcss?.reset();
    this.#floor.reset();
    this.#noise?.reset();
    this.squelch.reset();
    this.agc.restart();
    this.#inFrame = 0;
    this.#framePower = 0;
    this.#frameSum = 0;
    this.#power = 0;
    this.#noiseRatio = 0;
    this.#metered = 0;
    this.levelDb = Number.NEGATIVE_INFINITY;
    this.fastSnrDb = 0;
    this.snrDb = 0;
  }

  reset(): void {
    this.restart();
    this.agc.reset();
    this.#filter.reset();
  }

  clone(): Channel {
    return new Channel(this.config);
  }
}

function makeDemodulator(options: ResolvedOptions, rate: number, delayBefore: number): Demodulator {
  switch (options.mode) {
    case 'wbfm':
    case 'nbfm':
      return new FmDemodulator({ rate, deviationHz: options.deviationHz });
    case 'am':
      return new AmEnvelopeDemodulator({ rate, agc: options.agc });
    case 'sam':
      return new AmSynchronousDemodulator({ rate, agc: options.agc });
    case 'usb':
    case 'lsb':
      return new ProductDemodulator({ rate, shiftHz: options.middleHz, delayBefore });
    case 'cw':
      return new ProductDemodulator({ rate, shiftHz: options.defaults.toneHz, delayBefore });
  }
}
