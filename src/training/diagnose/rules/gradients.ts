import { evidenceOf } from '../finding.js';
import { numberText, rateText } from '../number-text.js';
import { moderatelyLower } from '../rates.js';
import type { RunView } from '../run-view.js';
import { median, medianOfParts } from '../series.js';
import type { Rule } from './rule.js';

/** Growth of the typical norm, and the height of one norm over the typical one, that are called exploding. */
const GROWTH = 10;
const SPIKE = 100;
/** Fewer steps than this say nothing about a trend; then the means of the epochs are looked at. */
const ENOUGH_STEPS = 20;

/** Gradient norms that grow tenfold over the run, or single ones a hundred times the usual. */
export const explodingGradients: Rule = (run) => {
  const norms = gradientNorms(run);
  if (norms.length < 4) return undefined;
  const quarters = medianOfParts(norms, 4);
  const typical = median(norms);
  const largest = norms.reduce((a, b) => Math.max(a, b), 0);
  const growth = quarters[3] / Math.max(quarters[0], Number.MIN_VALUE);
  const growing = growth > GROWTH && quarters[3] > 1;
  const spiking = norms.length >= ENOUGH_STEPS && largest > SPIKE * typical && largest > 1;
  if (!growing && !spiking) return undefined;
  const clip = run.settings.number('clipNorm');
  const clipped = clip !== undefined && clip > 0;
  const lr = run.rate === undefined ? undefined : moderatelyLower(run.rate);
  const patch = clipped ? (lr === undefined ? undefined : { lr }) : { clipNorm: 1 };
  return {
    code: 'exploding-gradients',
    severity: growing ? 'serious' : 'watch',
    what: growing
      ? `The gradient norms explode: from ${numberText(quarters[0])} at the beginning to ${numberText(quarters[3])}.`
      : `Single gradient norms reach ${numberText(largest)}, ${numberText(largest / typical)} times the usual ${numberText(typical)}.`,
    remedy: clipped
      ? `Gradients are clipped already; lower the learning rate to ${lr === undefined ? '0.3×' : rateText(lr)}${growing ? ' and start again' : ' if the loss follows'}.`
      : 'Clip the gradients to a global norm of 1.0.',
    evidence: evidenceOf({ first: quarters[0], last: quarters[3], growth, typical, largest, clipNorm: clip }),
    ...(patch !== undefined && (growing || !clipped)
      ? { patch: run.settings.spelled(patch), start: growing ? ('initial' as const) : ('resume' as const) }
      : {}),
  };
};

/** The weights do not move: every gradient is zero, or the loss repeats itself exactly. */
export const notUpdating: Rule = (run) => {
  const norms = gradientNorms(run);
  const dead = norms.length >= 3 && norms.every((norm) => norm < 1e-12);
  const last = run.losses.slice(-3);
  const frozen = last.length === 3 && last.every((loss) => loss === last[0]) && last[0] > 0;
  if (!dead && !frozen) return undefined;
  return {
    code: 'not-updating',
    severity: 'critical',
    what: dead
      ? 'Every gradient is zero: nothing is learnt.'
      : `The training loss is ${numberText(last[0])} in three epochs, digit for digit: the weights do not change.`,
    remedy:
      'Check that the input is not silent, that the target differs from what a constant can give, and that the learning rate is above zero. Then train one sequence of length 1 as a test.',
    evidence: evidenceOf({
      loss: last[0],
      largestNorm: norms.reduce((a, b) => Math.max(a, b), 0),
      rate: run.rate,
    }),
  };
};

function gradientNorms({ steps, epochs }: RunView): number[] {
  const source = steps.length >= ENOUGH_STEPS ? steps : epochs;
  return source.map((record) => record.gradientNorm).filter((norm) => Number.isFinite(norm) && norm >= 0);
}
