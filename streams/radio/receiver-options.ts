import { UsageError } from '../../src/errors.js';
import type { AgcSpeed } from './agc.js';
import type { SquelchCode } from './code-squelch.js';
import { type Mode, modeDefaults } from './modes.js';
import type { SquelchOptions } from './squelch.js';

export interface ReceiverOptions {
  /** Complex samples per second, Hz: an integer from 8 000 to 20 000 000. */
  inputRate: number;
  /** Radio frequency at 0 Hz of the samples, Hz. */
  centreHz: number;
  /** Radio frequency to listen to, Hz: the carrier, and in side-band the suppressed one. */
  tuneHz: number;
  mode: Mode;
  /** Rate of the audio, Hz: an integer from 8 000 to 192 000. Default 48 000. */
  audioRate?: number;
  /** Width of the channel, Hz. Default: WBFM 180 k, NBFM 16 k, AM 10 k, USB and LSB 2.7 k, CW 500. */
  bandwidthHz?: number;
  /** De-emphasis of FM, µs; 0 for none. Default: WBFM 75, NBFM none. */
  deemphasisUs?: number;
  /** Deviation that gives ±1, Hz; FM only. Default: WBFM 75 k, NBFM 5 k. */
  deviationHz?: number;
  /** Default `off`. */
  squelch?: SquelchOptions;
  /** NBFM: the squelch opens only on this code. Default none. */
  squelchCode?: SquelchCode | null;
  /** Default: `slow` for AM, side-band and CW. */
  agc?: AgcSpeed;
  /** Follow a carrier that is off its frequency. Default: NBFM and AM yes. */
  afc?: boolean;
  /** Subtract the input's mean. Default: where 0 Hz lies outside the channel. */
  removeDc?: boolean;
  /** Take short pulses, as ignitions make them, out before the channel is filtered. Default true. */
  blanker?: boolean;
  /** Make I and Q equally strong and put them at right angles, as measured from what is received. Default true. */
  balanceIq?: boolean;
  /** Take out whistles: carriers that stay within the channel. Default: in AM and side-band. */
  autoNotch?: boolean;
  /** Pitches in the audio to take out always, Hz, 20 to 20 000. Default none. */
  notchHz?: readonly number[];
}

/** What keeps out interference and other stations; a change of mode leaves it as it is. */
export type Defences = Pick<
  ReceiverOptions,
  'squelchCode' | 'removeDc' | 'blanker' | 'balanceIq' | 'autoNotch' | 'notchHz'
>;

/** Options with every default filled in. */
export interface ResolvedOptions extends Required<ReceiverOptions> {
  /** What was asked for `removeDc`, which otherwise depends on the tuning. */
  askedRemoveDc: boolean | undefined;
  /** The same for `autoNotch`, which depends on the mode. */
  askedAutoNotch: boolean | undefined;
  /** What the mode brings besides. */
  defaults: ReturnType<typeof modeDefaults>;
  /** Middle of the channel as seen from `tuneHz`, Hz. */
  middleHz: number;
}

/** Complex samples per second that a receiver takes, Hz. */
export const LEAST_INPUT_RATE = 8_000;
export const MOST_INPUT_RATE = 20_000_000;

function checkRange(name: string, value: number, least: number, most: number, integer: boolean): void {
  if (value >= least && value <= most && (!integer || Number.isInteger(value))) return;
  throw new UsageError(
    'E_RADIO_OPTION',
    `The receiver's ${name} is ${value}, but must be ${integer ? 'an integer ' : ''}from ${least} to ${most}.`,
  );
}

/** @throws UsageError when an option is outside its range or the channel does not fit into the input. */
export function resolveOptions(options: ReceiverOptions): ResolvedOptions {
  const defaults = modeDefaults(options.mode);
  const { inputRate, centreHz, tuneHz, mode } = options;
  checkRange('input rate', inputRate, LEAST_INPUT_RATE, MOST_INPUT_RATE, true);
  checkRange('centre frequency', centreHz, -1e12, 1e12, false);
  const bandwidthHz = options.bandwidthHz ?? Math.min(defaults.bandwidthHz, inputRate * 0.85);
  checkRange('bandwidth', bandwidthHz, 100, inputRate * 0.9, false);
  const sideband = mode === 'usb' || mode === 'lsb';
  const resolved: ResolvedOptions = {
    audioRate: 48_000,
    deemphasisUs: defaults.deemphasisUs,
    deviationHz: defaults.deviationHz,
    squelch: { kind: 'off' },
    squelchCode: null,
    agc: defaults.agc,
    afc: defaults.afc,
    removeDc: false,
    blanker: true,
    balanceIq: true,
    autoNotch: defaults.autoNotch,
    notchHz: [],
    ...withoutUndefined(options),
    askedRemoveDc: options.removeDc,
    askedAutoNotch: options.autoNotch,
    bandwidthHz,
    defaults,
    middleHz: sideband ? (mode === 'usb' ? 1 : -1) * (defaults.toneHz + bandwidthHz / 2) : 0,
  };
  checkRange('audio rate', resolved.audioRate, 8_000, 192_000, true);
  checkRange('de-emphasis', resolved.deemphasisUs, 0, 1000, false);
  for (const hz of resolved.notchHz) checkRange('notch', hz, 20, 20_000, false);
  checkRange('deviation', resolved.deviationHz, 100, 10_000_000, false);
  if ((mode === 'nbfm' || mode === 'wbfm') && resolved.deviationHz > inputRate / 2)
    throw new UsageError(
      'E_RADIO_OPTION',
      `${mode.toUpperCase()} swings by ${resolved.deviationHz} Hz to either side, for which ${inputRate} samples a second are too few.`,
      { hint: `It takes ${2 * resolved.deviationHz} or more.` },
    );
  return tuned(resolved, tuneHz, centreHz);
}

/**
 * The same options at another place. There the mean of the input may be a carrier, or the spike of the receiver.
 * @throws UsageError when a channel there does not lie inside the received band.
 */
export function tuned(options: ResolvedOptions, tuneHz: number, centreHz: number): ResolvedOptions {
  const moved = { ...options, tuneHz, centreHz };
  checkTuning(moved, tuneHz);
  const fromDc = Math.abs(tuneHz + options.middleHz - centreHz);
  moved.removeDc = options.askedRemoveDc ?? fromDc > options.bandwidthHz;
  return moved;
}

/** What was asked to be kept out, to ask another receiver for. */
export function defencesOf(options: ResolvedOptions): Defences {
  const {
    askedRemoveDc: removeDc,
    askedAutoNotch: autoNotch,
    squelchCode,
    blanker,
    balanceIq,
    notchHz,
  } = options;
  return { squelchCode, removeDc, autoNotch, blanker, balanceIq, notchHz };
}

/** What a listener may choose instead of what the mode brings. */
export type ModeChoice = Pick<ReceiverOptions, 'bandwidthHz' | 'deemphasisUs' | 'agc' | 'afc'>;

/** Whether a mode's channel at `tuneHz` lies inside the band received. */
export function isReceivable(
  options: Pick<ReceiverOptions, 'mode' | 'tuneHz' | 'centreHz' | 'inputRate'> & ModeChoice,
): boolean {
  try {
    resolveOptions(options);
    return true;
  } catch {
    return false;
  }
}

/** @throws UsageError when a channel at `tuneHz` does not lie inside the received band. */
function checkTuning(options: ResolvedOptions, tuneHz: number): void {
  const { inputRate, centreHz, bandwidthHz, middleHz } = options;
  const reach = inputRate / 2 - bandwidthHz / 2;
  if (Math.abs(tuneHz + middleHz - centreHz) <= reach) return;
  throw new UsageError(
    'E_TUNE_RANGE',
    `A channel of ${bandwidthHz} Hz at ${tuneHz} Hz does not lie within the ${inputRate} Hz received around ${centreHz} Hz.`,
    {
      hint: `Tune between ${centreHz - middleHz - reach} and ${centreHz - middleHz + reach} Hz, or move the source's centre.`,
    },
  );
}

function withoutUndefined(options: ReceiverOptions): ReceiverOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as ReceiverOptions;
}
