import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../src/errors.js';
import { Demodulate, type Tuning } from '../radio/demodulate.js';
import { audioRateOf, MODES, type Mode, MUSIC_RATE, modeDefaults } from '../radio/modes.js';
import type { ReceiverStatus } from '../radio/received-audio.js';
import type { Receiver } from '../radio/receiver.js';
import { isReceivable, type ModeChoice, resolveOptions } from '../radio/receiver-options.js';
import type { SquelchOptions } from '../radio/squelch.js';
import type { IqSource } from '../sources/chunk-source.js';
import { UPPER_EDGES } from '../sources/rtl2832u.js';
import { isTuner } from '../sources/tuner.js';
import type { RadioChannel, RadioOptions } from './radio-options.js';

/** Share of the band, from its middle, in which another frequency is reached without moving the source. */
const REACH = 0.4;

/**
 * Where to put a radio's centre to hear `frequencyHz`: beside it, because a receiver leaves a spike in its middle, as
 * far as the channel still fits in; above it, unless a tuner ends between.
 */
export function centreFor(
  frequencyHz: number,
  sampleRate: number,
  mode: Mode,
  bandwidthHz = modeDefaults(mode).bandwidthHz,
): number {
  const reach = sampleRate * REACH - bandwidthHz / 2;
  const beside = reach > bandwidthHz ? Math.min(sampleRate / 4, reach) : 0;
  const isEdgeBetween = UPPER_EDGES.some((edge) => frequencyHz <= edge && frequencyHz + beside > edge);
  return Math.round(frequencyHz + (isEdgeBetween ? -beside : beside));
}

/** The radio of a live session: a source of complex samples, a demodulator on it, and how both are tuned together. */
export class LiveRadio {
  readonly demodulate: Demodulate;
  #frequencyHz: number;
  #mode: Mode;
  #afc: boolean | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Widths that were chosen, Hz. */
  readonly #widths = new Map<Mode, number>();

  /** @throws UsageError when that cannot be received from the source. */
  constructor(
    readonly source: IqSource & { centreHz: number },
    private readonly options: RadioOptions,
  ) {
    this.#mode = options.mode ?? 'nbfm';
    if (options.bandwidthHz !== undefined) this.#widths.set(this.#mode, options.bandwidthHz);
    this.#frequencyHz = options.frequencyHz ?? source.centreHz;
    const tuning = this.#tuning(this.#frequencyHz, this.#mode);
    const squelch = options.squelch === undefined ? {} : { squelch: options.squelch };
    const { sampleRate: inputRate, centreHz } = source;
    const { squelchCode, removeDc, blanker, balanceIq, autoNotch, notchHz } = options;
    const kept = { squelchCode, removeDc, blanker, balanceIq, autoNotch, notchHz };
    const wanted = { ...tuning, ...squelch, ...kept };
    resolveOptions({ ...wanted, ...this.#chosen(this.#mode), inputRate, centreHz });
    this.demodulate = new Demodulate(wanted, (mode) => this.#chosen(mode));
  }

  get frequencyHz(): number {
    return this.#frequencyHz;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** Rate of the audio in this mode, Hz. */
  get audioRate(): number {
    return this.options.audioRate ?? audioRateOf(this.#mode);
  }

  /** The most that the rate can become in another mode, Hz. */
  get highestRate(): number {
    return this.options.audioRate ?? MUSIC_RATE;
  }

  /** `undefined` before the first samples. */
  get status(): Readonly<ReceiverStatus> | undefined {
    return this.demodulate.receiver?.status;
  }

  /** Delay of the demodulator, seconds. */
  get latencySeconds(): number {
    return this.demodulate.receiver?.latencySeconds ?? 0;
  }

  /**
   * Tunes to another frequency; the source is moved where it must be. Calls are carried out one after the other.
   *
   * @returns the frequency really tuned to, Hz
   * @throws UsageError outside the band of a recording; DeviceError outside the range of a tuner
   */
  retune(hz: number): Promise<number> {
    return this.#inTurn(() => this.#listen(hz, this.#mode)).then(() => this.#frequencyHz);
  }

  /** As {@link retune}, by so much from where the calls before lead to. */
  retuneBy(hz: number): Promise<number> {
    return this.#inTurn(() => this.#listen(this.#frequencyHz + hz, this.#mode)).then(() => this.#frequencyHz);
  }

  /**
   * Listens to a channel, with its squelch, code and width in place of those before. As {@link retune} and {@link setMode}.
   */
  listen({ frequencyHz, mode, squelch = { kind: 'off' }, ...channel }: RadioChannel): Promise<void> {
    const { squelchCode = null, bandwidthHz } = channel;
    return this.#inTurn(async () => {
      const before = this.#widths.get(mode);
      if (bandwidthHz === undefined) this.#widths.delete(mode);
      else this.#widths.set(mode, bandwidthHz);
      await this.#listen(frequencyHz, mode);
      const { options } = this.#receiver();
      const isAlike = isDeepStrictEqual([options.squelch, options.squelchCode], [squelch, squelchCode]);
      // The mode that the receiver will have after a move of the source is not its mode yet.
      if (!isAlike || (options.mode === mode && before !== bandwidthHz))
        this.demodulate.setMode(options.mode, undefined, { squelch, squelchCode });
    });
  }

  /**
   * Changes the mode, and the rate of the audio where the new one needs another; a tuner is moved where it must be.
   *
   * @throws UsageError when the mode's channel does not fit into the band of a recording there
   */
  setMode(mode: Mode): Promise<void> {
    return this.#inTurn(() => this.#listen(this.#frequencyHz, mode));
  }

  /**
   * Changes the width of the channel; this mode keeps it while others are listened to.
   *
   * @throws UsageError when it does not fit into the band, or is none for the mode; nothing has changed then
   */
  setBandwidth(bandwidthHz: number): Promise<void> {
    return this.#inTurn(async () => {
      const { options } = this.#receiver();
      resolveOptions({ ...options, bandwidthHz });
      this.#widths.set(options.mode, bandwidthHz);
      this.demodulate.setMode(options.mode);
    });
  }

  /** Changes when the radio is silent, and whether it follows a carrier that drifts, in all modes from now on. */
  change({ afc, ...place }: { squelch?: SquelchOptions; afc?: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      this.#afc = afc ?? this.#afc;
      this.demodulate.setMode(this.#receiver().options.mode, undefined, place);
    });
  }

  /** Changes to the next of all modes whose channel fits, or the one before: WBFM does not fit everywhere. Gives the one it is now. */
  async nextMode(direction: 1 | -1 = 1): Promise<Mode> {
    await this.#inTurn(async () => {
      const now = MODES.indexOf(this.#mode);
      for (let step = 1; step < MODES.length; step++) {
        const done = await this.#listen(
          this.#frequencyHz,
          MODES[(now + direction * step + MODES.length) % MODES.length],
        ).then(
          () => true,
          // Why one does not fit is of no interest to who wants another.
          () => false,
        );
        if (done) return;
      }
      this.#receiver();
    });
    return this.#mode;
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => {});
    return done;
  }

  async #listen(tuneHz: number, mode: Mode): Promise<void> {
    const receiver = this.#receiver();
    const { source, demodulate } = this;
    const { options } = receiver;
    const { sampleRate } = source;
    const chosen = this.#chosen(mode);
    const movable = isTuner(source);
    const centreHz = movable ? source.centreHz : options.centreHz;
    const isInside =
      Math.abs(tuneHz - centreHz) <= REACH * sampleRate &&
      isReceivable({ ...chosen, inputRate: options.inputRate, tuneHz, mode, centreHz });
    if (movable && (!isInside || centreHz !== options.centreHz)) {
      // What the receiver gets still comes from the old place, and goes on to for up to half a second.
      demodulate.tuneWhenMoved(this.#tuning(tuneHz, mode));
      try {
        if (!isInside) await source.setCentre(centreFor(tuneHz, sampleRate, mode, chosen.bandwidthHz));
      } catch (error) {
        demodulate.tuneWhenMoved(
          centreHz === options.centreHz ? undefined : this.#tuning(this.#frequencyHz, this.#mode),
        );
        throw error;
      }
    } else {
      demodulate.tuneWhenMoved(undefined);
      if (mode === options.mode) demodulate.retune(tuneHz);
      else demodulate.setMode(mode, this.#tuning(tuneHz, mode).audioRate, { tuneHz });
    }
    this.#frequencyHz = tuneHz;
    this.#mode = mode;
  }

  /** What was asked for instead of the mode's defaults. */
  #chosen(mode: Mode): ModeChoice {
    const { deemphasisUs, agc, mode: first = 'nbfm' } = this.options;
    const bandwidthHz = this.#widths.get(mode);
    const emphasised = first === 'nbfm' ? 'nbfm' : 'wbfm';
    return {
      ...(bandwidthHz !== undefined && { bandwidthHz }),
      ...(deemphasisUs !== undefined && mode === emphasised && { deemphasisUs }),
      ...(agc !== undefined && { agc }),
      ...(this.#afc !== undefined && { afc: this.#afc }),
    };
  }

  #tuning(tuneHz: number, mode: Mode): Tuning {
    return { tuneHz, mode, audioRate: this.options.audioRate ?? audioRateOf(mode) };
  }

  #receiver(): Receiver {
    const { receiver } = this.demodulate;
    if (receiver !== undefined) return receiver;
    throw new UsageError('E_NOT_RECEIVING', 'The radio has given no samples yet.', {
      hint: 'Try again in a moment.',
    });
  }
}
