import { evidenceOf, type SettingValue } from '../finding.js';
import { numberText } from '../number-text.js';
import { type RunView, unseenLoss } from '../run-view.js';
import { indexOfSmallest, median } from '../series.js';
import type { SettingName } from '../settings.js';
import type { Rule } from './rule.js';

const GAP_WATCH = 0.01;
const GAP_SERIOUS = 0.05;
const RATIO = 1.5;
/** How far the validation loss must have risen from its best, while the training loss fell. */
const RISE = 1.1;

/**
 * The model is better on what it was trained on than on what it was not: a gap above 0.01 (serious: 0.05), a ratio above
 * 1.5, or a validation loss that rises while the training loss falls. Judged on the medians of the last three epochs.
 */
export const overfitting: Rule = (run) => {
  const judged = run.curve.filter((point) => unseenLoss(point) !== undefined);
  if (judged.length < 3) return undefined;
  const unseen = judged.map((point) => unseenLoss(point) as number);
  const train = median(judged.slice(-3).map((point) => point.train));
  const test = median(unseen.slice(-3));
  const gap = test - train;
  const ratio = test / Math.max(train, run.floor);
  const best = indexOfSmallest(unseen);
  const rising =
    judged.length - best > 3 &&
    test > RISE * Math.max(unseen[best], train, run.floor) &&
    train < judged[best].train;
  const wide = run.absolute && gap > GAP_WATCH;
  if (!wide && !(ratio > RATIO) && !rising) return undefined;
  const serious = rising || (run.absolute && gap > GAP_SERIOUS);
  const bestEpoch = judged[best].epoch;
  const seen = [
    run.absolute ? `the gap is ${numberText(gap)}` : undefined,
    `the ratio ${numberText(ratio)}`,
    rising ? `and the loss on unseen data has risen since epoch ${bestEpoch}` : undefined,
  ].filter((part) => part !== undefined);
  return {
    code: 'overfitting',
    severity: serious ? 'serious' : 'watch',
    what: `Over-fitting: loss ${numberText(train)} on training data, ${numberText(test)} on unseen data; ${seen.join(', ')}.`,
    remedy: `Keep the weights of epoch ${bestEpoch}. Train with more varied data or for fewer epochs, with weight decay (AdamW) and some dropout where the model has it; a smaller hidden size helps on little data.`,
    evidence: evidenceOf({ train, test, gap, ratio, bestEpoch, best: unseen[best] }),
    patch: run.settings.spelled(regularised(run)),
    start: 'initial',
  };
};

/** AdamW, early stopping, and a step more of the dropout that the model has. */
function regularised({ settings }: RunView): Partial<Record<SettingName, SettingValue>> {
  const patch: Partial<Record<SettingName, SettingValue>> = {};
  if (settings.text('optimizer')?.toLowerCase() !== 'adamw') patch.optimizer = 'adamw';
  if (!((settings.number('weightDecay') ?? 0) > 0)) patch.weightDecay = 0.01;
  if (settings.number('patience') === undefined) patch.patience = 10;
  for (const name of ['dropout', 'backboneDropout'] as const) {
    const dropout = settings.number(name);
    if (dropout !== undefined && dropout < 0.4) patch[name] = Number(Math.min(0.4, dropout + 0.1).toFixed(2));
  }
  if (patch.backboneDropout !== undefined && settings.number('backboneLayers') === 1)
    patch.backboneLayers = 2;
  return patch;
}
