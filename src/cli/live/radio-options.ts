import type { AgcSpeed } from '../../../streams/radio/agc.js';
import { MODES, type Mode } from '../../../streams/radio/modes.js';
import type { SquelchOptions } from '../../../streams/radio/squelch.js';
import { UsageError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import { formatHertz, parseHertz } from '../text/hertz.js';

/** Widths in which a mode can be told from another, Hz: its sound fits, and the filters can be made. */
const BANDWIDTHS: Readonly<Record<Mode, readonly [least: number, most: number]>> = {
  wbfm: [50_000, 400_000],
  nbfm: [5_000, 50_000],
  am: [2_000, 20_000],
  sam: [2_000, 20_000],
  usb: [500, 6_000],
  lsb: [500, 6_000],
  cw: [100, 1_200],
};

/** @throws UsageError `E_MODE`. */
export function parseMode(text: string): Mode {
  const mode = MODES.find((known) => known === text.toLowerCase());
  if (mode !== undefined) return mode;
  const close = nearest(text, MODES);
  throw new UsageError('E_MODE', `There is no mode "${text}".`, {
    hint: `${close === undefined ? '' : `Did you mean ${close}? `}The modes are ${MODES.join(', ')}.`,
  });
}

/** Nothing is weaker in dBFS, and no signal-to-noise ratio greater. */
const LEAST_SQUELCH_DB = -200;
const MOST_SQUELCH_DB = 100;

/** `off`; from 0 on the signal-to-noise ratio that opens it, dB; below 0 the carrier's level, dBFS. @throws UsageError */
export function parseSquelch(text: string): SquelchOptions {
  if (text === 'off') return { kind: 'off' };
  const thresholdDb = Number(text);
  if (text.trim() === '' || !(thresholdDb >= LEAST_SQUELCH_DB && thresholdDb <= MOST_SQUELCH_DB))
    throw new UsageError('E_SQUELCH', `--squelch ${text} is no threshold.`, {
      hint: 'Give a signal-to-noise ratio such as 8, a level below full scale such as -40, or off.',
    });
  return thresholdDb < 0 ? { kind: 'carrier', thresholdDb } : { kind: 'noise', thresholdDb };
}

/** Width of the channel, Hz. @throws UsageError `E_BANDWIDTH` where the mode cannot be received in it. */
export function parseBandwidth(text: string, mode: Mode): number {
  const bandwidthHz = parseHertz(text, '--bandwidth');
  const [least, most] = BANDWIDTHS[mode];
  if (bandwidthHz >= least && bandwidthHz <= most) return bandwidthHz;
  throw new UsageError('E_BANDWIDTH', `--bandwidth ${text} is no width for ${mode.toUpperCase()}.`, {
    hint: `Choose one from ${formatHertz(least)} to ${formatHertz(most)}, or leave it out.`,
  });
}

const DEEMPHASES: ReadonlyMap<string, number> = new Map([
  ['50', 50],
  ['75', 75],
  ['off', 0],
]);

/** `50`, `75` or `off`; gives µs. @throws UsageError `E_DEEMPHASIS`. */
export function parseDeemphasis(text: string, mode: Mode): number {
  const microseconds = DEEMPHASES.get(text);
  if (microseconds !== undefined && mode === 'wbfm') return microseconds;
  if (microseconds !== undefined)
    throw new UsageError('E_DEEMPHASIS', `--deemphasis is for WBFM, not for ${mode.toUpperCase()}.`, {
      hint: 'Leave it out, or add --mode wbfm.',
    });
  throw new UsageError('E_DEEMPHASIS', `--deemphasis ${text} is used by no broadcaster.`, {
    hint: 'Choose 50 (Europe and most countries), 75 (America, South Korea) or off.',
  });
}

/** `slow`, `fast` or `off`. @throws UsageError `E_AGC`. */
export function parseAgc(text: string, mode: Mode): AgcSpeed {
  const speed = (['slow', 'fast', 'off'] as const).find((known) => known === text);
  if (speed === undefined)
    throw new UsageError('E_AGC', `--agc ${text} is no gain control.`, {
      hint: 'Choose slow, fast or off.',
    });
  if (mode !== 'wbfm' && mode !== 'nbfm') return speed;
  throw new UsageError('E_AGC', `--agc is not for ${mode.toUpperCase()}: FM is equally loud at any level.`, {
    hint: 'Leave it out; it is for am, sam, usb, lsb and cw.',
  });
}
