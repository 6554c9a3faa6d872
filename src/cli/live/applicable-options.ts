import type { SourceSpec } from '../../../streams/sources/open-source.js';
import { UsageError } from '../../errors.js';
import type { LiveCommandOptions } from './command-options.js';

type Kind = SourceSpec['kind'];

/** Dongles, plugged in or behind rtl_tcp, and radios of others. */
const DONGLES: readonly Kind[] = ['rtlsdr', 'rtl_tcp'];
const TUNERS: readonly Kind[] = [...DONGLES, 'spyserver', 'kiwisdr'];
/** Sources that a receiver is needed for. */
export const RADIOS: readonly Kind[] = [...TUNERS, 'iq'];
const RECORDINGS: readonly Kind[] = ['iq', 'file'];

interface Applicability {
  /** Sources that the option means something for. */
  kinds: readonly Kind[];
  /** These, in words. */
  what: string;
  code: string;
  hint: string;
}

const forRadios: Applicability = {
  kinds: RADIOS,
  what: 'radios',
  code: 'E_NO_RADIO',
  hint: 'Leave it out, or write iq:FILE for a recording of radio samples.',
};
const forTuners: Applicability = {
  kinds: TUNERS,
  what: 'tuners',
  code: 'E_NO_TUNER',
  hint: 'Leave it out; it is for rtlsdr and rtl_tcp://HOST:PORT.',
};
const forDongles: Applicability = { ...forTuners, kinds: DONGLES, what: 'RTL-SDR dongles' };
const forRecordings: Applicability = {
  kinds: RECORDINGS,
  what: 'recordings',
  code: 'E_NO_RECORDING',
  hint: 'Leave it out; it is for files.',
};

const APPLICABLE: readonly (readonly [keyof LiveCommandOptions, Applicability])[] = [
  ['channel', forRadios],
  ['scan', forRadios],
  ['freq', forRadios],
  ['mode', forRadios],
  ['squelch', forRadios],
  ['ctcss', forRadios],
  ['dcs', forRadios],
  ['bandwidth', forRadios],
  ['deemphasis', forRadios],
  ['agc', forRadios],
  ['blanker', forRadios],
  ['dcRemoval', forRadios],
  ['iqBalance', forRadios],
  ['autoNotch', forRadios],
  ['notch', forRadios],
  ['recordIq', forRadios],
  ['gain', forTuners],
  ['ppm', forDongles],
  ['biasTee', forDongles],
  ['directSampling', forDongles],
  ['loop', forRecordings],
  // Who writes to a pipe sets the pace anyway.
  ['fast', { ...forRecordings, kinds: [...RECORDINGS, 'stdin'] }],
  [
    'centre',
    {
      kinds: ['iq'],
      what: 'recordings of radio samples',
      code: 'E_NO_RECORDING',
      hint: 'Leave it out; --freq tells a tuner what to receive.',
    },
  ],
  [
    'format',
    {
      kinds: ['iq'],
      what: 'radio samples from files and pipes',
      code: 'E_NO_RECORDING',
      hint: 'Leave it out; for sound without a header write --raw s16:48000:1.',
    },
  ],
  [
    'raw',
    {
      kinds: ['file', 'stdin'],
      what: 'sound from files and pipes',
      code: 'E_NO_RAW',
      hint: 'Leave it out.',
    },
  ],
  [
    'rate',
    {
      kinds: [...RADIOS, 'mic'],
      what: 'radios and microphones',
      code: 'E_NO_RADIO',
      hint: 'Leave it out; for samples without a header write --raw s16:48000:1.',
    },
  ],
];

/** Options that are on unless switched off. */
const SWITCHES: ReadonlySet<string> = new Set(['blanker', 'dcRemoval', 'iqBalance', 'autoNotch']);

/** As a person writes an option: `recordIq` → `--record-iq`, and a switch as what switches it off. */
export const optionName = (name: string): string =>
  `--${SWITCHES.has(name) ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function isGiven(name: string, value: unknown): boolean {
  if (SWITCHES.has(name)) return value === false;
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

/** @throws UsageError for the first option that would do nothing for the source: who gives it expects something of it. */
export function refuseOthers(spec: SourceSpec, options: LiveCommandOptions): void {
  for (const [name, { kinds, what, code, hint }] of APPLICABLE) {
    if (!isGiven(name, options[name]) || kinds.includes(spec.kind)) continue;
    const option = optionName(name);
    const gives = RADIOS.includes(spec.kind)
      ? TUNERS.includes(spec.kind)
        ? 'is a tuner'
        : 'is a recording'
      : 'gives sound';
    throw new UsageError(code, `${option} is for ${what}; ${options.source} ${gives}.`, { hint });
  }
}
