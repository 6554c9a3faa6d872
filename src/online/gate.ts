import { pairedBootstrap } from '../evaluation/paired-bootstrap.js';
import type { GateScores } from './gate-scores.js';

/**
 * `promote`: the candidate is better and harms nothing. `reject`: it harms something, or is certainly not better enough.
 * `inconclusive`: what was measured does not tell. Only `promote` exchanges the model.
 */
export type Verdict = 'promote' | 'reject' | 'inconclusive';

/** One number that a candidate is judged by. */
export interface GateCheck {
  name: CheckName;
  /** What was measured. */
  value: number;
  /** What it must reach, or stay below: see `mustBe`. */
  limit: number;
  mustBe: 'least' | 'most';
  holds: boolean;
  unit: string;
}

type CheckName =
  | 'gain'
  | 'gain is certain'
  | 'intelligibility'
  | 'anchor'
  | 'clean speech'
  | 'residue'
  | 'finite'
  | 'streaming'
  | 'load';

/** The full account of a judgement. JSON-safe. */
export interface GateReport {
  verdict: Verdict;
  /** One sentence. */
  reason: string;
  checks: GateCheck[];
  /** Gain of the candidate over the champion in the noise of the place, SI-SDR in dB, with its interval of 95 %. */
  gain: { mean: number; low: number; high: number };
  /** Mean change of ESTOI there. */
  estoiGain: number;
  /** Recordings that the gain was measured on. */
  recordings: number;
}

/** What a candidate must reach. */
export interface GateLimits {
  /** Least gain in the noise of the place, dB. Default 1. */
  gainDb: number;
  /** Largest loss of ESTOI there. Default 0.005. */
  estoiLoss: number;
  /** Largest loss on the anchor set, dB. Default 0.2. */
  anchorLossDb: number;
  /** Largest loss on clean speech, dB: at the 25 dB and more that models reach there, half a dB is not heard. Default 0.5. */
  cleanLossDb: number;
  /** By how much the residue of noise alone may be louder, dB. Default 0.5. */
  residueDb: number;
  /** Largest difference between streaming and not. Default 1e-4. */
  streamingError: number;
  /** Most computing time per second of audio. Default 0.5: half a hop for a hop. */
  load: number;
}

export const LIVE_LIMITS: GateLimits = {
  gainDb: 1,
  estoiLoss: 0.005,
  anchorLossDb: 0.2,
  cleanLossDb: 0.5,
  residueDb: 0.5,
  streamingError: 1e-4,
  load: 0.5,
};

/**
 * Judges a candidate by what it and the champion did on the same set.
 * @param dayZero what the model did that the champion was once tuned from: anchor and clean speech are measured against it,
 *   because thirty nights that lose 0.15 dB each would lose 4.5 dB. Default: the champion
 */
export function judge(
  champion: GateScores,
  candidate: GateScores,
  limits: GateLimits,
  dayZero: Pick<GateScores, 'anchor' | 'clean'> = champion,
): GateReport {
  const reference = { ...champion, anchor: dayZero.anchor, clean: dayZero.clean };
  const change = (name: 'matched' | 'matchedEstoi' | 'anchor' | 'clean' | 'residue'): number[] =>
    candidate[name].map((value, i) => value - reference[name][i]);
  const gain = pairedBootstrap(change('matched'));
  const estoiGain = mean(change('matchedEstoi'));
  const checks: GateCheck[] = [
    least('gain', gain.mean, limits.gainDb, 'dB'),
    least('gain is certain', gain.low, 0, 'dB'),
    least('intelligibility', estoiGain, -limits.estoiLoss, 'ESTOI'),
    // A set may leave out what does not matter for its use.
    ...(candidate.anchor.length === 0
      ? []
      : [least('anchor', mean(change('anchor')), -limits.anchorLossDb, 'dB')]),
    least('clean speech', mean(change('clean')), -limits.cleanLossDb, 'dB'),
    most('residue', mean(change('residue')), limits.residueDb, 'dB'),
    most('finite', candidate.notFinite, 0, 'samples'),
    most('streaming', candidate.streamingError, limits.streamingError, ''),
    most('load', candidate.load, limits.load, 's/s'),
  ];
  const { verdict, reason } = sum(checks, gain, limits);
  return { verdict, reason, checks, gain, estoiGain, recordings: candidate.matched.length };
}

function sum(
  checks: readonly GateCheck[],
  gain: { mean: number; low: number; high: number },
  { gainDb }: GateLimits,
): { verdict: Verdict; reason: string } {
  const ofGain = new Set<CheckName>(['gain', 'gain is certain']);
  const harm = checks.filter(({ name, holds }) => !holds && !ofGain.has(name));
  if (harm.length > 0)
    return { verdict: 'reject', reason: `The candidate fails: ${harm.map(describeCheck).join('; ')}.` };
  const text = `${signed(gain.mean)} dB (${signed(gain.low)} to ${signed(gain.high)})`;
  if (checks.every(({ holds }) => holds))
    return { verdict: 'promote', reason: `The candidate gains ${text} and harms nothing.` };
  if (gain.high < gainDb)
    return { verdict: 'reject', reason: `The candidate gains ${text}, certainly less than ${gainDb} dB.` };
  return { verdict: 'inconclusive', reason: `The candidate gains ${text}, which does not tell enough.` };
}

/** A check in a few words: `anchor −0.41 dB, at least −0.20`. */
export function describeCheck({
  name,
  value,
  limit,
  mustBe,
  unit,
}: Omit<GateCheck, 'name'> & { name: string }): string {
  const digits = (x: number): string => (Math.abs(x) < 0.01 && x !== 0 ? x.toExponential(1) : x.toFixed(2));
  const measured = `${name} ${digits(value)}${unit === '' ? '' : ` ${unit}`}`;
  return `${measured.replaceAll('-', '−')}, at ${mustBe} ${digits(limit).replaceAll('-', '−')}`;
}

const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b) / values.length;

const least = (name: CheckName, value: number, limit: number, unit: string): GateCheck => ({
  ...{ name, value, limit, unit, mustBe: 'least' },
  // NaN fails.
  holds: value >= limit,
});

const most = (name: CheckName, value: number, limit: number, unit: string): GateCheck => ({
  ...{ name, value, limit, unit, mustBe: 'most' },
  holds: value <= limit,
});
