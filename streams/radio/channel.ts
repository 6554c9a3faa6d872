import { SignalTrack, type Stretch } from '../signal-track.js';
import { Agc } from './agc.js';
import { AmEnvelopeDemodulator } from './demodulators/am-envelope.js';
import { AmSynchronousDemodulator } from './demodulators/am-synchronous.js';
import { FmDemodulator } from './demodulators/fm.js';
import { ProductDemodulator } from './demodulators/product.js';
import { FadeGain } from './fade-gain.js';
import { AudioFilter } from './filters/audio-filter.js';
import { DeEmphasis } from './filters/de-emphasis.js';
import { RunningMean } from './filters/running-mean.js';
import { NbfmMeters } from './nbfm-meters.js';
import { Notches } from './notches.js';
import type { ResolvedOptions } from './receiver-options.js';
import { SignalMeter } from './signal-meter.js';
import { SpikeRemover } from './spike-remover.js';
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

const AUDIO_ATTENUATION_DB = 70;
/** A mistuned carrier is a constant in the audio: its mean is taken over so long (0.3 Hz corner: 0.05° at 400 Hz). */
const OFFSET_SECONDS = 0.5;
/**
 * From one channel's complex samples to audio: demodulator, meters, squelch, de-emphasis, audio filter and rate, AGC. The
 * squelch only decides; the noise behind a shut one comes out like everything else.
 */
export class Channel implements Stage<ChannelConfig> {
  /** In channel samples, of this part only. */
  readonly latency: number;
  readonly demodulator: Demodulator;
  readonly #squelch: Squelch;
  readonly agc: Agc;
  /** NBFM only. */
  readonly nbfm: NbfmMeters | undefined;
  readonly meter: SignalMeter;
  readonly notches: Notches | undefined;
  readonly #spike: SpikeRemover | undefined;
  readonly #offset: RunningMean | undefined;
  readonly #deEmphasis: DeEmphasis | undefined;
  readonly #fadeGain: FadeGain | undefined;
  readonly #filter: AudioFilter;
  readonly #sound: Float32Array;
  /** The squelch of the audio that is still in the filter; its samples are numbered from the last reset. */
  readonly #track = new SignalTrack();
  readonly #audioPerSample: number;
  #samplesIn = 0;
  #samplesOut = 0;
  #spikeInside = false;
  #inFrame = 0;
  #settling: number;

  constructor(readonly config: Readonly<ChannelConfig>) {
    const { options, factor, delayBefore, maxInput } = config;
    const { mode, inputRate, bandwidthHz, defaults, audioRate } = options;
    const rate = inputRate / factor;
    const fm = mode === 'nbfm' || mode === 'wbfm';
    const am = mode === 'am' || mode === 'sam';
    // It sees nothing of the settling samples, so its time starts that much later.
    this.demodulator = makeDemodulator(options, rate, delayBefore - config.settling);
    this.meter = new SignalMeter(options, rate);
    this.#spike =
      options.askedRemoveDc === false || !(am || mode === 'nbfm')
        ? undefined
        : new SpikeRemover({ rate, signal: am ? 'am' : 'fm' });
    this.#fadeGain =
      am && options.agc !== 'off' ? new FadeGain({ rate, frame: this.meter.frame }) : undefined;
    this.#squelch = new Squelch({
      options: options.squelch,
      noiseThresholdDb: defaults.squelchDb,
      frameRate: this.meter.frameRate,
      hangSeconds: defaults.hangSeconds,
      shutsAtOnce: fm,
    });
    this.agc = new Agc({ speed: fm || am ? 'off' : options.agc, sampleRate: audioRate });
    const ratio = { inputRate, inputDivisor: factor, maxInput };
    const { deviationHz, squelchCode: code } = options;
    this.nbfm =
      mode === 'nbfm' ? new NbfmMeters({ ...ratio, frame: this.meter.frame, deviationHz, code }) : undefined;
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
    const { autoNotch: automatic, notchHz: fixedHz } = options;
    this.notches =
      automatic || fixedHz.length > 0
        ? new Notches({ rate, highestHz: passHz, fixedHz, automatic })
        : undefined;
    this.#filter = new AudioFilter({
      ...ratio,
      outputRate: audioRate,
      passHz,
      stopHz: Math.min(passHz * 1.25, rate - passHz),
      attenuationDb: AUDIO_ATTENUATION_DB,
      delayBefore: delayBefore + this.demodulator.latency,
    });
    this.latency = this.demodulator.latency + this.#filter.latency;
    this.#audioPerSample = audioRate / rate;
    this.#sound = new Float32Array(maxInput);
    this.#settling = config.settling;
    this.#noteSignal();
  }

  /** The squelch is open, and the code that is asked for is heard. */
  get isOpen(): boolean {
    return this.#squelch.open && (this.nbfm?.isAdmitted ?? true);
  }

  /** Most audio samples that `process` of `maxInput` can give. */
  get maxOutput(): number {
    return this.#filter.maxOutput;
  }

  /**
   * Demodulates the first `count` samples of `i`, `q` into `out` from `at` on; gives the stretches of audio that came out.
   */
  process(i: Float32Array, q: Float32Array, count: number, out: Float32Array, at: number): Stretch[] {
    const sound = this.#sound;
    let from = Math.min(count, this.#settling);
    this.#settling -= from;
    this.#samplesIn += from;
    sound.fill(0, 0, from);
    while (from < count) {
      const n = Math.min(count - from, this.meter.frame - this.#inFrame);
      this.#processPart(i, q, from, n);
      from += n;
      this.#inFrame += n;
      this.#samplesIn += n;
      if (this.#inFrame === this.meter.frame) this.#endFrame();
    }
    const { input, writeAt } = this.#filter;
    for (let n = 0; n < count; n++) input[writeAt + n] = sound[n];
    const got = this.#filter.run(count, out, at);
    const stretches = this.#track.take(this.#samplesOut, this.#samplesOut + got);
    this.#samplesOut += got;
    let start = at;
    for (const stretch of stretches) {
      this.agc.process(out, start, stretch.count, !stretch.state.squelchOpen);
      start += stretch.count;
    }
    return stretches;
  }

  /** Notes what the meters say, for the first audio that the samples to come have a part in. */
  #noteSignal(): void {
    const at = Math.ceil((this.#samplesIn + this.#filter.latency) * this.#audioPerSample - 1e-6);
    const { levelDb: carrierDb, fastSnrDb: snrDb } = this.meter;
    const measured = carrierDb === Number.NEGATIVE_INFINITY ? {} : { snrDb, carrierDb };
    this.#track.note(this.#samplesIn === 0 ? 0 : at, { squelchOpen: this.isOpen, ...measured });
  }

  #processPart(i: Float32Array, q: Float32Array, from: number, count: number): void {
    const sound = this.#sound;
    if (this.#spikeInside) this.#spike?.process(i, q, from, count);
    this.meter.addSamples(i, q, from, count);
    this.demodulator.process(i, q, from, count, sound);
    this.meter.addAudio(sound, from, count);
    this.notches?.process(sound, from, count);
    this.#fadeGain?.process(sound, from, count);
    this.#offset?.subtract(sound, from, count);
    this.nbfm?.process(sound, from, count);
    this.#deEmphasis?.process(sound, from, count);
  }

  #endFrame(): void {
    this.meter.endFrame(this.demodulator.takeOffset?.() ?? 0);
    this.#fadeGain?.follow(this.meter.noiseOverCarrier);
    this.nbfm?.endFrame(this.meter.fastSnrDb);
    const { levelDb, squelchSnrDb: snrDb, frameLevelDb, frameSnrDb } = this.meter;
    this.#squelch.decide({ levelDb, snrDb, frameLevelDb, frameSnrDb });
    this.#noteSignal();
    this.#inFrame = 0;
  }

  /** Says where the middle of the input's band lies, Hz from the middle of the channel. */
  setCentre(hz: number): void {
    this.#spikeInside = Math.abs(hz) <= this.config.options.bandwidthHz / 2;
    this.#spike?.setFrequency(hz);
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
    this.#spike?.reset();
    this.#deEmphasis?.reset();
    this.nbfm?.reset();
    this.notches?.reset();
    this.meter.reset();
    this.#fadeGain?.reset();
    this.#squelch.reset();
    this.agc.restart();
    this.#inFrame = 0;
    this.#noteSignal();
  }

  reset(): void {
    this.#samplesIn = 0;
    this.#samplesOut = 0;
    this.#track.clear();
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
