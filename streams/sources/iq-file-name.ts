import { basename } from 'node:path';
import type { IqEncoding } from './iq-layout.js';

/** What a recording's name says of it. */
export interface IqNameFacts {
  centreHz?: number;
  sampleRate?: number;
  encoding?: IqEncoding;
}

const UNIT: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

const EXTENSION: Readonly<Record<string, IqEncoding>> = {
  cu8: 'cu8',
  cs8: 'cs8',
  cs16: 'cs16',
  sc16: 'cs16',
  cf32: 'cf32',
  fc32: 'cf32',
  cfile: 'cf32',
};

/** Highest rate of the dongles whose recordings are named so, Hz: what is more is a frequency. */
const MOST_RATE = 3_200_000;

/** Names that receivers give to recordings of radio samples; the audio that they record is called _AF or audio_. */
const IQ_NAMES: readonly RegExp[] = [
  /^SDRSharp_.*_IQ\.wav$/i,
  /^HDSDR_.*_RF\.wav$/i,
  /^SDRuno_.*Hz\.wav$/i,
  /^baseband_.*Hz_.*\.wav$/i,
  /^gqrx_\d{8}_\d{6}_\d+_\d+_fc\.raw$/i,
  /^\d{8}T\d{6}Z_\d+_.*_iq\.wav$/i,
];

/** Whether a file without an ending of its own kind is a recording of radio samples, by the name that its receiver gave it. */
export const isIqName = (path: string): boolean => IQ_NAMES.some((name) => name.test(basename(path)));

function hertz(number: string, unit: string): number {
  return Math.round(Number(number) * UNIT[unit.toLowerCase()]!);
}

/**
 * Reads centre frequency, rate and encoding from a recording's name, as receivers write them:
 * `SDRSharp_20170101_120000Z_145500000Hz_IQ.wav`, `HDSDR_20170101_120000Z_145500kHz_RF.wav`,
 * `baseband_145500000Hz_12-00-00_01-01-2017.wav` (SDR++), `gqrx_20170101_120000_145500000_1800000_fc.raw`,
 * `20191125T201640Z_10000000_station_iq.wav` (KiwiSDR), `g001_433.92M_250k.cu8` (rtl_433), `voice_144470k_280k.cu8`,
 * `x_2400ksps.cs16`.
 */
export function factsFromName(path: string): IqNameFacts {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const facts: IqNameFacts = {};
  const encoding = EXTENSION[name.slice(dot + 1).toLowerCase()];
  if (dot >= 0 && encoding !== undefined) facts.encoding = encoding;
  const stem = dot < 0 ? name : name.slice(0, dot);

  const gqrx = /^gqrx_\d{8}_\d{6}_(\d+)_(\d+)_fc$/i.exec(stem);
  if (gqrx !== null)
    return { centreHz: Number(gqrx[1]), sampleRate: Number(gqrx[2]), encoding: facts.encoding ?? 'cf32' };

  const kiwi = /^\d{8}T\d{6}Z_(\d+)_/.exec(stem);
  if (kiwi !== null) return { ...facts, centreHz: Number(kiwi[1]) };

  const short: { hz: number; isKilo: boolean }[] = [];
  for (const token of stem.split(/[_\s]+/)) {
    const long = /^(\d+(?:\.\d+)?)([kMG]?)(Hz|sps|S\/s)$/i.exec(token);
    if (long !== null) {
      const value = hertz(long[1]!, long[2]!);
      if (long[3]!.toLowerCase() === 'hz') facts.centreHz ??= value;
      else facts.sampleRate ??= value;
      continue;
    }
    const brief = /^(\d+(?:\.\d+)?)([kMG])$/i.exec(token);
    if (brief !== null)
      short.push({ hz: hertz(brief[1]!, brief[2]!), isKilo: brief[2]!.toLowerCase() === 'k' });
  }
  // rtl_433's rule: of bare numbers M is the frequency and k the rate; two of a kind come in that order.
  const mega = short.findIndex(({ isKilo }) => !isKilo);
  const onlyRate =
    short.length === 1 && mega < 0 && short[0]!.hz <= MOST_RATE && facts.encoding !== undefined;
  if (!onlyRate && short.length > 0) facts.centreHz ??= short.splice(Math.max(0, mega), 1)[0]!.hz;
  if (short.length > 0) facts.sampleRate ??= short[0]!.hz;
  return facts;
}
