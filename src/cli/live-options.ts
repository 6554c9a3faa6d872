import { centreFor, type RadioOptions } from '../../streams/live/live-radio.js';
import type { OpenSourceOptions, SourceSpec } from '../../streams/open-source.js';
import type { AgcSpeed } from '../../streams/radio/agc.js';
import { MODES, type Mode } from '../../streams/radio/modes.js';
import type { SquelchOptions } from '../../streams/radio/squelch.js';
import type { IqEncoding } from '../../streams/sources/iq-layout.js';
import type { AudioFormat, SampleFormat } from '../audio/format.js';
import { UsageError } from '../errors.js';
import { nearest } from '../suggest.js';
import { formatHertz, parseHertz } from './hertz.js';
import { RADIOS, refuseOthers } from './live-applicable.js';

/** Options of `denoise live` as commander gives them. */
export interface LiveCommandOptions {
  source: string;
  freq?: string;
  mode?: string;
  rate?: string;
  gain?: string;
  ppm?: number;
  squelch?: string;
  bandwidth?: string;
  deemphasis?: string;
  agc?: string;
  centre?: string;
  format?: string;
  directSampling?: string;
  biasTee?: boolean;
  raw?: string;
  out: string[];
  rotate?: string;
  duration?: number;
  fast?: boolean;
  loop?: boolean;
  model?: string;
  device: string;
  strength: number;
  denoise: boolean;
  musicGuard: boolean;
  force?: boolean;
  json?: boolean;
  quiet?: boolean;
}

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
const DEFAULT_RATE = 1_024_000;
/** What a receiver takes, and more than any sound has: samples per second, Hz. */
const LEAST_RATE = 8_000;
const MOST_RATE = 20_000_000;
const PCM_FORMATS: readonly SampleFormat[] = ['u8', 's8', 's16', 's24', 's32', 'f32', 'f64'];

const IQ_FORMATS: readonly IqEncoding[] = ['cu8', 'cs8', 'cs16', 'cs24', 'cs32', 'cf32', 'cf64'];

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

/** `s16:48000:1`. @throws UsageError */
export function parseRaw(text: string): AudioFormat {
  const [format, rate, channels = '1'] = text.split(':');
  const sampleFormat = PCM_FORMATS.find((known) => known === format);
  const sampleRate = rate === undefined ? 0 : parseHertz(rate, '--raw');
  if (sampleFormat !== undefined && sampleRate > 0 && Number(channels) >= 1)
    return { sampleFormat, sampleRate, channels: Number(channels) };
  throw new UsageError('E_RAW', `--raw ${text} is no format of raw samples.`, {
    hint: `Write FORMAT:RATE:CHANNELS, such as s16:48000:1; formats are ${PCM_FORMATS.join(', ')}.`,
  });
}

/** What the radio options mean for a source; `undefined` where it gives sound, not radio. */
export type RadioPlan = RadioOptions & Required<Pick<RadioOptions, 'mode' | 'squelch'>>;

/**
 * Makes sense of the radio options.
 *
 * @throws UsageError where they contradict the source, or a radio is not told where to tune.
 */
export function planRadio(spec: SourceSpec, options: LiveCommandOptions): RadioPlan | undefined {
  refuseOthers(spec, options);
  if (!RADIOS.includes(spec.kind)) return undefined;
  const frequencyHz = options.freq === undefined ? undefined : parseHertz(options.freq, '--freq');
  if (frequencyHz === undefined && spec.kind !== 'iq')
    throw new UsageError('E_NO_FREQUENCY', 'The radio is not told what to receive.', {
      hint: 'Add a frequency, such as --freq 145.5M.',
    });
  const mode = parseMode(options.mode ?? 'nbfm');
  const { bandwidth, deemphasis, agc } = options;
  return {
    mode,
    squelch: parseSquelch(options.squelch ?? 'off'),
    ...(frequencyHz !== undefined && { frequencyHz }),
    ...(bandwidth !== undefined && { bandwidthHz: parseBandwidth(bandwidth, mode) }),
    ...(deemphasis !== undefined && { deemphasisUs: parseDeemphasis(deemphasis, mode) }),
    ...(agc !== undefined && { agc: parseAgc(agc, mode) }),
  };
}

/** Settings for `openSource`. @throws UsageError for values that are none. */
export function sourceOptions(
  spec: SourceSpec,
  options: LiveCommandOptions,
  plan: RadioPlan | undefined,
): OpenSourceOptions {
  const rate = options.rate === undefined ? undefined : parseRate(options.rate);
  const common: OpenSourceOptions = {
    pace: options.fast || spec.kind === 'stdin' ? 'fast' : 'realtime',
    ...(options.loop && { loop: true }),
    ...(options.raw !== undefined && { raw: parseRaw(options.raw) }),
  };
  if (spec.kind === 'iq') {
    const centreHz = options.centre === undefined ? undefined : parseHertz(options.centre, '--centre');
    const { format } = options;
    const recording = {
      ...(format !== undefined && { encoding: parseFormat(format, spec.path) }),
      ...(rate !== undefined && { sampleRate: rate }),
      ...(centreHz !== undefined && { centreHz }),
    };
    return { ...common, recording };
  }
  if (plan === undefined) return { ...common, ...(rate !== undefined && { sampleRate: rate }) };
  const sampleRate = rate ?? DEFAULT_RATE;
  return {
    ...common,
    sampleRate,
    centreHz: centreFor(plan.frequencyHz!, sampleRate, plan.mode, plan.bandwidthHz),
    gain: parseGain(options.gain ?? 'auto'),
    ...(options.ppm !== undefined && { ppm: options.ppm }),
    ...(options.biasTee && { biasTee: true }),
    ...(options.directSampling !== undefined && { directSampling: parseInput(options.directSampling) }),
  };
}

/** Samples a second, Hz. */
function parseRate(text: string): number {
  const rate = parseHertz(text, '--rate');
  if (rate >= LEAST_RATE && rate <= MOST_RATE) return rate;
  throw new UsageError('E_RATE', `--rate ${text} is no rate of samples.`, {
    hint: `Give one from ${formatHertz(LEAST_RATE)} to ${formatHertz(MOST_RATE)}.`,
  });
}

function parseFormat(text: string, path: string): IqEncoding {
  const encoding = IQ_FORMATS.find((known) => known === text.toLowerCase());
  if (encoding === undefined)
    throw new UsageError('E_FORMAT', `--format ${text} is no format of radio samples.`, {
      hint: `Choose one of ${IQ_FORMATS.join(', ')}.`,
    });
  if (!/\.(wav|wave|rf64|sigmf.*)$/i.test(path)) return encoding;
  throw new UsageError('E_FORMAT', `--format is not for ${path}: its header tells the format.`, {
    hint: 'Leave it out.',
  });
}

function parseGain(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  const gain = Number(text);
  if (text.trim() !== '' && Number.isFinite(gain)) return gain;
  throw new UsageError('E_GAIN', `--gain ${text} is no gain.`, { hint: 'Give it in dB, or auto.' });
}

function parseInput(text: string): 'i' | 'q' {
  if (text === 'i' || text === 'q') return text;
  throw new UsageError('E_DIRECT_SAMPLING', `--direct-sampling ${text} is no input.`, {
    hint: 'Choose i or q; most dongles have short wave on q.',
  });
}
