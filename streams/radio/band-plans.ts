import type { Mode } from './modes.js';

/** Where in the world a plan holds; `world`: everywhere, more or less. */
export type Region = 'europe' | 'america' | 'world';

/** Frequencies that are used alike, by the rules of a region. */
export interface BandPlan {
  name: string;
  region: Region;
  about: string;
  mode: Mode;
  /** First and last frequency, and the distance of two channels, Hz. */
  ranges: readonly (readonly [firstHz: number, lastHz: number, stepHz: number])[];
  /** Hz; the mode's default where left out. */
  bandwidthHz?: number;
}

const MHZ = 1e6;
const range = (first: number, last: number, stepKhz: number) =>
  [Math.round(first * MHZ), Math.round(last * MHZ), Math.round(stepKhz * 1000)] as const;

/** 40 channels from 26.965 MHz on, 10 kHz apart, less the five between them that are for remote control. */
const CITIZENS_BAND = [
  range(26.965, 26.985, 10),
  range(27.005, 27.035, 10),
  range(27.055, 27.085, 10),
  range(27.105, 27.135, 10),
  range(27.155, 27.185, 10),
  range(27.205, 27.405, 10),
];

/**
 * Bands worth scanning. Sources: ECC/DEC/(15)05 (PMR446), ECC/DEC/(11)03 and FCC 47 CFR 95 (citizens' band, FRS, MURS), ITU
 * Radio Regulations appendix 18 (marine), ICAO annex 10 (air band, 25 kHz), IARU region 1 and ARRL band plans (amateurs).
 */
export const BAND_PLANS: readonly BandPlan[] = [
  {
    ...{ name: 'pmr446', region: 'europe', about: 'hand-helds without a licence', mode: 'nbfm' },
    ...{ ranges: [range(446.00625, 446.19375, 12.5)], bandwidthHz: 11_000 },
  },
  {
    ...{ name: 'frs', region: 'america', about: 'hand-helds without a licence', mode: 'nbfm' },
    ...{ ranges: [range(462.5625, 462.7125, 25), range(467.5625, 467.7125, 25)], bandwidthHz: 11_000 },
  },
  {
    ...{ name: 'murs', region: 'america', about: 'multi-use radio service', mode: 'nbfm' },
    ranges: [range(151.82, 151.94, 60), range(154.57, 154.6, 30)],
  },
  {
    ...{ name: 'cb', region: 'europe', about: "citizens' band, FM", mode: 'nbfm' },
    ...{ ranges: CITIZENS_BAND, bandwidthHz: 10_000 },
  },
  {
    ...{ name: 'cb', region: 'america', about: "citizens' band, AM", mode: 'am' },
    ...{ ranges: CITIZENS_BAND, bandwidthHz: 8_000 },
  },
  {
    ...{ name: 'marine', region: 'world', about: 'ships and coast stations', mode: 'nbfm' },
    ranges: [range(156.05, 157.425, 25), range(160.65, 162.025, 25)],
  },
  {
    ...{ name: 'air', region: 'world', about: 'aeroplanes and towers', mode: 'am' },
    ranges: [range(118, 136.975, 25)],
  },
  {
    ...{ name: '2m', region: 'europe', about: 'amateurs, simplex and repeaters', mode: 'nbfm' },
    ...{ ranges: [range(145.2, 145.7875, 12.5)], bandwidthHz: 11_000 },
  },
  {
    ...{ name: '2m', region: 'america', about: 'amateurs, simplex and repeaters', mode: 'nbfm' },
    ranges: [range(145.11, 145.49, 20), range(146.4, 147.585, 15)],
  },
  {
    ...{ name: 'weather', region: 'america', about: 'NOAA weather radio', mode: 'nbfm' },
    ranges: [range(162.4, 162.55, 25)],
  },
];

/** Channels of a plan, Hz, rising. */
export function planFrequencies({ ranges }: BandPlan): number[] {
  return ranges.flatMap(([firstHz, lastHz, stepHz]) =>
    Array.from({ length: Math.round((lastHz - firstHz) / stepHz) + 1 }, (_, n) => firstHz + n * stepHz),
  );
}

/** Plans of this name, of the region where one is given; `world` plans are of every region. */
export function findPlans(name: string, region?: Region): BandPlan[] {
  return BAND_PLANS.filter(
    (plan) =>
      plan.name === name && (region === undefined || plan.region === region || plan.region === 'world'),
  );
}
