import { appendStretch, cutStretches, type Stretch } from '../signal-track.js';
import type { IqSamples } from '../sources/iq-chunk.js';
import { Afc } from './afc.js';
import { Channel } from './channel.js';
import { FrontEnd } from './front-end.js';
import { formatOf } from './input-mixer.js';
import type { Mode } from './modes.js';
import { emptyStatus, type ReceivedAudio, type ReceiverStatus } from './received-audio.js';
import {
  defencesOf,
  type ReceiverOptions,
  type ResolvedOptions,
  resolveOptions,
  tuned,
} from './receiver-options.js';

/** Complex samples per pass through the filters: their buffers stay in the first-level cache. */
const PASS = 2048;
/** Channel samples that surely give another step of the audio filter. */
const FLUSH_STEPS = 16;
/** Frequency and mean are corrected about this often, at fixed sample counts. */
const CONTROLS_PER_SECOND = 100;

/**
 * A radio receiver: complex samples in, audio out. The audio is the same however the samples are split into calls;
 * sample `n` of it belongs to the time `(n − latencySamples) / audioRate` of the input. What the filters cannot know yet
 * at the start is silence, not a transient. The squelch decides and silences nothing: `stretches` tells where it is shut.
 */
export class Receiver {
  /** A whole number: the audio filter makes it so. */
  latencySamples = 0;
  latencySeconds = 0;
  /** Silence at the start beyond the latency: by so much the filters take longer to fill than they delay. */
  settlingSeconds = 0;
  #options: ResolvedOptions;
  #front!: FrontEnd;
  #channel!: Channel;
  #afc!: Afc;
  #control = 0;
  #sinceControl = 0;
  #samplesIn = 0;
  #samplesOut = 0;
  #out = new Float32Array(0);
  readonly #status: ReceiverStatus;
  readonly #received: ReceivedAudio;

  /** @throws UsageError when an option is outside its range or the channel does not fit into the input. */
  constructor(options: ReceiverOptions) {
    this.#options = resolveOptions(options);
    this.#build();
    this.#status = emptyStatus();
    this.#received = { audio: this.#out, stretches: [], status: this.#status };
    this.#updateStatus();
  }

  /** What the receiver works with, defaults filled in. */
  get options(): Readonly<ResolvedOptions> {
    return this.#options;
  }

  get status(): Readonly<ReceiverStatus> {
    return this.#status;
  }

  #build(): void {
    const options = this.#options;
    const { inputRate, bandwidthHz, defaults, audioRate, afc } = options;
    this.#front = new FrontEnd({
      sampleRate: inputRate,
      minChannelRate: Math.max(bandwidthHz * defaults.oversampling, defaults.leastRate),
      bandwidthHz,
      transitionHz: bandwidthHz * defaults.transition,
      removeDc: options.removeDc,
      blanker: options.blanker,
      balanceIq: options.balanceIq,
      maxInput: PASS,
    });
    const { factor, latency, settling } = this.#front;
    this.#channel = new Channel({
      options,
      factor,
      delayBefore: latency / factor,
      settling,
      maxInput: this.#front.i.length,
    });
    this.#control = 2 ** Math.round(Math.log2(inputRate / CONTROLS_PER_SECOND));
    this.#sinceControl = 0;
    const range = afc ? bandwidthHz * 0.2 : 0;
    this.#afc = new Afc({
      updateRate: inputRate / this.#control,
      rangeHz: range,
      deadBandHz: bandwidthHz * 0.01,
      slewHz: range * 2,
    });
    this.latencySeconds = latency / inputRate + (this.#channel.latency * factor) / inputRate;
    this.settlingSeconds = Math.max(0, (settling * factor - latency) / inputRate);
    this.latencySamples = Math.round(this.latencySeconds * audioRate);
    this.#setMixer();
  }

  #setMixer(): void {
    const hz = this.#mixerHz;
    this.#front.mixer.setFrequency(hz);
    this.#channel.setCentre(-hz);
  }

  get #mixerHz(): number {
    const { tuneHz, centreHz, middleHz } = this.#options;
    return tuneHz - centreHz + middleHz + this.#afc.offsetHz;
  }

  /**
   * Demodulates interleaved samples of any format (`Uint8Array` is cu8, `Int8Array` cs8, `Int16Array` cs16,
   * `Float32Array` cf32) and any number; of an odd number the last value is left out.
   */
  process(samples: IqSamples): ReceivedAudio {
    formatOf(samples);
    const count = Math.floor(samples.length / 2);
    const { inputRate, audioRate } = this.#options;
    const need = Math.ceil((count * audioRate) / inputRate) + this.#channel.maxOutput + 1;
    if (this.#out.length < need) this.#out = new Float32Array(need);
    let got = 0;
    const stretches: Stretch[] = [];
    for (let done = 0; done < count; ) {
      const n = Math.min(PASS, count - done, this.#control - this.#sinceControl);
      const inChannel = this.#front.process(samples, done, n);
      for (const stretch of this.#channel.process(this.#front.i, this.#front.q, inChannel, this.#out, got)) {
        appendStretch(stretches, stretch);
        got += stretch.count;
      }
      done += n;
      this.#sinceControl += n;
      if (this.#sinceControl === this.#control) this.#correct();
    }
    this.#samplesIn += count;
    this.#samplesOut += got;
    this.#updateStatus();
    this.#received.audio = this.#out.subarray(0, got);
    this.#received.stretches = stretches;
    return this.#received;
  }

  #correct(): void {
    this.#sinceControl = 0;
    this.#front.mixer.update();
    if (!this.#options.afc) return;
    const before = this.#afc.offsetHz;
    const present = this.#channel.meter.fastSnrDb >= this.#options.defaults.squelchDb;
    const after = this.#afc.update(this.#channel.demodulator.takeCarrierHz(), present);
    if (after === before) return;
    this.#setMixer();
    this.#channel.moved(after - before);
  }

  #updateStatus(): void {
    const status = this.#status;
    status.frequencyHz = this.#options.tuneHz;
    status.afcHz = this.#afc.offsetHz;
    status.levelDb = this.#channel.meter.levelDb;
    status.snrDb = this.#channel.meter.snrDb;
    status.squelchOpen = this.#channel.isOpen;
    status.ctcssHz = this.#channel.nbfm?.ctcssHz;
    status.agcGainDb = this.#channel.agc.gainDb;
    status.brokenSamples = this.#front.mixer.broken;
    status.blankedPulses = this.#front.blanker?.pulses ?? 0;
    status.notchHz = this.#channel.notches?.pitches ?? [];
    status.deviationHz = this.#channel.nbfm?.deviationHz;
    status.isDigital = this.#channel.nbfm?.isKeyed ?? false;
  }

  /**
   * The audio that is still in the filters, so that all calls together give exactly ⌈input samples · audioRate /
   * inputRate⌉ + `latencySamples`. The receiver must be reset before it is used again.
   */
  flush(): ReceivedAudio {
    const { inputRate, audioRate } = this.#options;
    const total = Math.ceil((this.#samplesIn * audioRate) / inputRate) + this.latencySamples;
    const missing = total - this.#samplesOut;
    // A few channel samples more than that, because audio comes in steps of theirs.
    const more = FLUSH_STEPS * this.#front.factor;
    const silence = new Float32Array(2 * (Math.ceil((missing * inputRate) / audioRate) + more));
    const { audio, stretches, status } = this.process(silence);
    return { audio: audio.subarray(0, missing), stretches: cutStretches(stretches, missing), status };
  }

  /**
   * Tunes to another frequency inside the received band, without a step in the oscillator's phase; a jump of more than
   * a quarter of the channel mutes the audio while the filters change over. Gives the frequency really tuned to, Hz.
   * @throws UsageError when the channel would not lie inside the received band; nothing has changed then.
   */
  retune(hz: number): number {
    return this.follow(hz, this.#options.centreHz);
  }

  /**
   * Tells that the source has moved its centre frequency; the receiver stays on its own.
   * @throws UsageError when the channel does not lie inside the newly received band.
   */
  setCentre(centreHz: number): void {
    if (centreHz !== this.#options.centreHz) this.follow(this.#options.tuneHz, centreHz);
  }

  /**
   * Tunes to a frequency that lies where the source has just moved to. Gives the frequency really tuned to, Hz.
   * @throws UsageError when the channel does not lie inside the newly received band; nothing has changed then.
   */
  follow(tuneHz: number, centreHz: number): number {
    const before = this.#options;
    this.#options = tuned(before, tuneHz, centreHz);
    this.#front.mixer.removeDc = this.#options.removeDc;
    const jump = Math.abs(tuneHz - before.tuneHz) + Math.abs(centreHz - before.centreHz);
    if (jump > before.bandwidthHz / 4) {
      this.#afc.reset();
      this.#channel.restart();
    }
    this.#setMixer();
    this.#updateStatus();
    return tuneHz;
  }

  /** Gain of the AGC, linear; can be set to go on from, as after lost samples: the level of the band is known. */
  get agcGain(): number {
    return this.#channel.agc.gain;
  }

  set agcGain(gain: number) {
    this.#channel.agc.gain = gain;
  }

  /** Changes the mode; what the mode decides by default (bandwidth, de-emphasis, AGC, AFC) changes with it. */
  setMode(mode: Mode, changes: Partial<ReceiverOptions> = {}): void {
    const { inputRate, centreHz, tuneHz, audioRate, squelch } = this.#options;
    const kept = { inputRate, centreHz, tuneHz, audioRate, squelch, ...defencesOf(this.#options) };
    this.#options = resolveOptions({ ...kept, ...changes, mode });
    this.#build();
    this.#updateStatus();
  }

  /** Back to the state after construction; frequency and mode stay. */
  reset(): void {
    this.#front.reset();
    this.#channel.reset();
    this.#afc.reset();
    this.#sinceControl = 0;
    this.#samplesIn = 0;
    this.#samplesOut = 0;
    this.#setMixer();
    this.#updateStatus();
  }

  /** A new receiver with the same options. */
  clone(): Receiver {
    return new Receiver({ ...this.#options, ...defencesOf(this.#options) });
  }
}
