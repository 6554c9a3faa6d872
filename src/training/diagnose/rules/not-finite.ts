import type { EpochEvent, StepEvent } from '../../loop/training-events.js';
import { evidenceOf } from '../finding.js';
import { rateText } from '../number-text.js';
import { moderatelyLower } from '../rates.js';
import { median } from '../series.js';
import type { Rule } from './rule.js';

/** NaN or infinity in a loss or a gradient norm: fatal where the run ended with it, a warning where it recovered. */
export const notFinite: Rule = (run) => {
  const records = [...run.steps, ...run.epochs].sort(
    (a, b) => a.step - b.step || (a.kind === 'step' ? -1 : 1),
  );
  const bad = records.filter(isBad);
  const caught = run.events.filter(({ kind }) => kind === 'stepped back');
  if (bad.length === 0 && caught.length === 0) return undefined;
  const first = [...bad, ...caught].reduce((a, b) => (b.step < a.step ? b : a));
  const last = records.at(-1);
  const lost = last === undefined ? true : isBad(last);
  const fromTheStart = bad.length > 0 && bad.length === records.length;
  const norms = records
    .filter((record) => record.step < first.step && !isBad(record))
    .map((record) => record.gradientNorm);
  const normBefore = norms.at(-1);
  const ordinary = normBefore !== undefined && norms.length >= 3 && normBefore < 10 * median(norms);
  const evidence = evidenceOf({
    normBefore,
    firstStep: first.step,
    firstEpoch: first.epoch,
    records: bad.length,
    caught: caught.length,
    rate: run.rate,
  });
  const lr = run.rate === undefined ? undefined : moderatelyLower(run.rate);
  const slower =
    lr === undefined ? 'Lower the learning rate to 0.3×' : `Lower the learning rate to ${rateText(lr)}`;
  return {
    code: 'not-finite',
    severity: lost ? 'critical' : 'watch',
    what: `The loss or the gradient became NaN or infinite at step ${first.step}, in epoch ${first.epoch}${
      lost ? ', and stayed so.' : '; the run stepped back to its last good weights and went on.'
    }`,
    remedy: fromTheStart
      ? `Nothing was ever finite: look for NaN or silence in the data first. ${slower} and keep the gradients clipped to 1.0.`
      : `${slower}, keep the gradients clipped to 1.0, and start again from initial weights.${
          ordinary ? ' The gradients were ordinary just before, so look for NaN in the data too.' : ''
        }`,
    avoid: ['Do not go on from a checkpoint written after that step.'],
    evidence,
    ...(lost && lr !== undefined
      ? { patch: run.settings.spelled({ lr, clipNorm: 1 }), start: 'initial' as const }
      : {}),
  };
};

function isBad(record: StepEvent | EpochEvent): boolean {
  const losses = [record.trainLoss, record.gradientNorm];
  if (record.kind === 'epoch') losses.push(record.validationLoss ?? 0, record.testLoss ?? 0);
  return losses.some((value) => typeof value === 'number' && !Number.isFinite(value));
}
