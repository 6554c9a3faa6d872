import type { AgcSpeed } from '../../../streams/radio/agc.js';
import type { SquelchCode } from '../../../streams/radio/code-squelch.js';
import { MODES, type Mode } from '../../../streams/radio/modes.js';
import type { SquelchOptions } from '../../../streams/radio/squelch.js';
import { UsageError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import { formatHertz, parseHertz } from '../text/hertz.js';

/** Widths in which a mode can be told from another, Hz: its audio fits, and the filters can be made. */
const BANDWIDTHS: Readonly<Record<Mode, readonly [least: number, most: number]>> = {
  wbfm: [50_000, 400_000],
  nbfm: [5_000, 50_000],
  am: [2_000, 20_000],
  sam: [2_000, 20_000],
  usb: [500, 6_000],
  lsb: [500, 6_000],
  cw: [100, 1_200],
};

/** Other names of modes. */
const ALIASES: Readonly<Record<string, Mode>> = { fm: 'nbfm', nfm: 'nbfm', wfm: 'wbfm' };

/** @throws UsageError `E_MODE`. */
export function parseMode(text: string): Mode {
  const name = text.toLowerCase();
  const mode =
    MODES.find((known) => known === name) ?? (Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined);
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

/** Land mobile radio lowers the highs by 6 dB an octave from 200 to 300 Hz on: 530 to 800 µs. */
const MOST_DEEMPHASIS_US = 1_000;

/** `50`, `75` or `off`, in NBFM any up to `1000`; gives µs. @throws UsageError `E_DEEMPHASIS`. */
export function parseDeemphasis(text: string, mode: Mode): number {
  if (mode !== 'wbfm' && mode !== 'nbfm')
    throw new UsageError('E_DEEMPHASIS', `--deemphasis is for FM, not for ${mode.toUpperCase()}.`, {
      hint: 'Leave it out, or add --mode wbfm.',
    });
  if (text === 'off') return 0;
  const microseconds = Number(text);
  if (mode === 'nbfm' && microseconds >= 50 && microseconds <= MOST_DEEMPHASIS_US) return microseconds;
  if (mode === 'nbfm')
    throw new UsageError('E_DEEMPHASIS', `--deemphasis ${text} is no time constant for NBFM.`, {
      hint: 'Give one from 50 to 1000 µs, such as 750 for land mobile radio, or off.',
    });
  if (microseconds === 50 || microseconds === 75) return microseconds;
  throw new UsageError('E_DEEMPHASIS', `--deemphasis ${text} is used by no broadcaster.`, {
    hint: 'Choose 50 (Europe and most countries), 75 (America, South Korea) or off.',
  });
}

const LEAST_CTCSS_HZ = 60;
const MOST_CTCSS_HZ = 260;

/** The code that NBFM must come with: a tone, or a number of three octal digits. @throws UsageError `E_SQUELCH_CODE`. */
export function parseSquelchCode(
  { ctcss, dcs }: { ctcss?: string; dcs?: string },
  mode: Mode,
): { squelchCode?: SquelchCode } {
  if (ctcss === undefined && dcs === undefined) return {};
  const wrong = (what: string, hint: string) => new UsageError('E_SQUELCH_CODE', what, { hint });
  if (ctcss !== undefined && dcs !== undefined)
    throw wrong('--ctcss and --dcs are given together.', 'A station sends one of them: leave out the other.');
  if (mode !== 'nbfm')
    throw wrong(`Codes are sent with NBFM, not with ${mode.toUpperCase()}.`, 'Leave out --ctcss and --dcs.');
  if (ctcss !== undefined) {
    const hz = Number(ctcss);
    if (hz >= LEAST_CTCSS_HZ && hz <= MOST_CTCSS_HZ) return { squelchCode: { kind: 'ctcss', hz } };
    throw wrong(`--ctcss ${ctcss} is no tone under a voice.`, 'Give one from 60 to 260 Hz, such as 88.5.');
  }
  const match = /^d?([0-7]{3})([ni]?)$/i.exec(dcs!);
  if (match === null)
    throw wrong(
      `--dcs ${dcs} is no code.`,
      'Give three digits from 0 to 7, such as 023, or 023i if inverted.',
    );
  const inverted = match[2].toLowerCase() === 'i';
  return { squelchCode: { kind: 'dcs', code: Number.parseInt(match[1], 8), inverted } };
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
