import { evidenceOf } from '../finding.js';
import { numberText } from '../number-text.js';
import { keptPoint, unseenLoss } from '../run-view.js';
import { indexOfSmallest, recentImprovement, relativeChanges } from '../series.js';
import { successTier, TIERS } from '../tiers.js';
import type { Rule } from './rule.js';

const STEADY = 0.7;

/** No epoch has ended with a finite loss. */
export const nothingYet: Rule = (run) => {
  if (run.curve.length > 0) return undefined;
  return {
    code: 'nothing-yet',
    severity: 'info',
    what: run.epochs.length === 0 ? 'No epoch has ended yet.' : 'No epoch ended with a finite loss.',
    remedy: 'Wait for the first epochs: there is nothing to judge yet.',
    evidence: evidenceOf({ steps: run.steps.length, epochs: run.epochs.length }),
  };
};

/** Nothing is measured on unseen data: over-fitting and success cannot be judged. */
export const noValidation: Rule = (run) => {
  if (run.curve.length < 2 || run.curve.some((point) => unseenLoss(point) !== undefined)) return undefined;
  return {
    code: 'no-validation',
    severity: 'info',
    what: 'The run has no loss on unseen data: over-fitting and the success tier cannot be judged.',
    remedy:
      'Train with a validation set, and evaluate with dropout off and the sequence length of the training.',
    evidence: evidenceOf({ epochs: run.curve.length }),
  };
};

/** The training loss falls, most epochs and over all. */
export const falling: Rule = ({ losses, floor, curve, status }) => {
  if (losses.length < 3) return undefined;
  const changes = relativeChanges(losses, floor);
  const share = changes.filter((change) => change < 0).length / changes.length;
  const improving = recentImprovement(losses, Math.min(6, losses.length)) > 0.02;
  const newest = indexOfSmallest(losses) >= losses.length - 3;
  if (share < STEADY || !improving || !newest) return undefined;
  return {
    code: 'falling',
    severity: 'good',
    what: `The training loss falls steadily: ${numberText(losses[0])} to ${numberText(losses[losses.length - 1])} in ${curve.length} epochs.`,
    remedy: status === 'finished' ? 'More epochs may bring more.' : 'Go on until it converges.',
    evidence: evidenceOf({ first: losses[0], last: losses[losses.length - 1], epochs: curve.length, share }),
  };
};

/** The loss has come to rest where it should: below 0.01, or after falling to a tenth of where it began. */
export const converged: Rule = (run) => {
  const { losses, curve } = run;
  const kept = keptPoint(run);
  if (kept === undefined || curve.length < 5) return undefined;
  const goal = TIERS[TIERS.length - 1].train;
  const low = run.absolute ? kept.train < goal : kept.train < 0.1 * losses[0];
  const resting = Math.abs(recentImprovement(losses, Math.min(6, losses.length))) < 0.1;
  const tier = run.absolute ? successTier(kept.train, unseenLoss(kept) ?? Number.NaN) : 'none';
  if (!low || (!resting && tier === 'none')) return undefined;
  return {
    code: 'converged',
    severity: 'good',
    what: `The run has converged: training loss ${numberText(kept.train)} in epoch ${kept.epoch}${
      unseenLoss(kept) === undefined ? '' : `, ${numberText(unseenLoss(kept)!)} on unseen data`
    }.`,
    remedy:
      unseenLoss(kept) === undefined
        ? 'Evaluate it on unseen data.'
        : `Use the weights of epoch ${kept.epoch} and listen to what they do.`,
    evidence: evidenceOf({ epoch: kept.epoch, train: kept.train, unseen: unseenLoss(kept) }),
  };
};
