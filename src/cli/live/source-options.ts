import { centreFor } from '../../../streams/live/live-radio.js';
import type { RadioOptions } from '../../../streams/live/radio-options.js';
import { LEAST_INPUT_RATE, MOST_INPUT_RATE } from '../../../streams/radio/receiver-options.js';
import type { IqEncoding } from '../../../streams/sources/iq-layout.js';
import type { OpenSourceOptions, SourceSpec } from '../../../streams/sources/open-source.js';
import type { AudioFormat, SampleFormat } from '../../audio/format.js';
import { UsageError } from '../../errors.js';
import { formatHertz, parseHertz } from '../text/hertz.js';
import { RADIOS, refuseOthers } from './applicable-options.js';
import type { LiveCommandOptions } from './command-options.js';
import {
  parseAgc,
  parseBandwidth,
  parseDeemphasis,
  parseMode,
  parseSquelch,
  parseSquelchCode,
} from './radio-options.js';

/** Gains beyond these no tuner of a dongle has (E4000: −1 to 42, R820T: 0 to 49.6, FC0012: −9.9 to 19.2), dB. */
const LEAST_GAIN_DB = -10;
const MOST_GAIN_DB = 50;
const DEFAULT_RATE = 1_024_000;
/** What most KiwiSDRs give, complex samples a second. */
const KIWI_RATE = 12_000;
const PCM_FORMATS: readonly SampleFormat[] = ['u8', 's8', 's16', 's24', 's32', 'f32', 'f64'];

const IQ_FORMATS: readonly IqEncoding[] = ['cu8', 'cs8', 'cs16', 'cs24', 'cs32', 'cf32', 'cf64'];

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

/** What the radio options mean for a source; `undefined` where it gives audio, not radio. */
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
    ...parseSquelchCode(options, mode),
    ...(!options.blanker && { blanker: false }),
    ...(!options.iqBalance && { balanceIq: false }),
    ...(!options.dcRemoval && { removeDc: false }),
    ...(!options.autoNotch && { autoNotch: false }),
    ...(options.notch.length > 0 && { notchHz: options.notch.map((text) => parseHertz(text, '--notch')) }),
  };
}

/** Settings for `openSource`. @throws UsageError for values that are none. */
export function sourceOptions(
  spec: SourceSpec,
  options: LiveCommandOptions,
  plan: RadioPlan | undefined,
): OpenSourceOptions {
  const rate = options.rate === undefined ? undefined : parseRate(options.rate);
  const isRecording = spec.kind === 'iq' || spec.kind === 'file' || spec.kind === 'stdin';
  const common: OpenSourceOptions = {
    ...(isRecording && { pace: options.fast || spec.kind === 'stdin' ? 'fast' : 'realtime' }),
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
  const isKiwi = spec.kind === 'kiwisdr';
  if (isKiwi && rate !== undefined)
    throw new UsageError('E_RATE', 'A KiwiSDR has a rate of its own.', { hint: 'Leave out --rate.' });
  const sampleRate = isKiwi ? KIWI_RATE : (rate ?? DEFAULT_RATE);
  return {
    ...common,
    ...(!isKiwi && { sampleRate }),
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
  if (rate >= LEAST_INPUT_RATE && rate <= MOST_INPUT_RATE) return rate;
  throw new UsageError('E_RATE', `--rate ${text} is no rate of samples.`, {
    hint: `Give one from ${formatHertz(LEAST_INPUT_RATE)} to ${formatHertz(MOST_INPUT_RATE)}.`,
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
  if (text.trim() !== '' && gain >= LEAST_GAIN_DB && gain <= MOST_GAIN_DB) return gain;
  throw new UsageError('E_GAIN', `--gain ${text} is no gain of a tuner.`, {
    hint: `Give it in dB, ${LEAST_GAIN_DB} to ${MOST_GAIN_DB}, or auto.`,
  });
}

function parseInput(text: string): 'i' | 'q' {
  if (text === 'i' || text === 'q') return text;
  throw new UsageError('E_DIRECT_SAMPLING', `--direct-sampling ${text} is no input.`, {
    hint: 'Choose i or q; most dongles have short wave on q.',
  });
}
