import { evidenceOf } from '../finding.js';
import { numberText, percentText, rateText } from '../number-text.js';
import { tenfoldLower } from '../rates.js';
import { unseenLoss } from '../run-view.js';
import { indexOfLargest, indexOfSmallest, median, relativeChanges, withoutSpikes } from '../series.js';
import { TIERS } from '../tiers.js';
import type { Rule } from './rule.js';

/** How far above its best the loss must stay to be called diverging. */
const RISE = 1.2;
/** Share by which the loss may have come down again since it rose. */
const SETTLING = 0.03;
/** How far above its best the loss on unseen data must be then: fresh examples are not equally hard in every epoch, those are. */
const UNSEEN_RISE = 1.02;
/** A best loss this early may be luck of the initial weights. */
const LUCKY_EPOCHS = 3;
/** Epochs it takes to converge at a tenth of the rate, and the patience of the early stopping that goes with it. */
const EPOCHS = 30;
const PATIENCE = 10;

/**
 * The training loss rose from its best and goes on up: for at least two epochs, a fifth above the best (median of the last
 * three, so that one spike does not count), above where it came from, so that noise around a level does not count, and
 * not coming down again after a long descent, which is one jump. Where there are unseen examples, their loss rose too.
 */
export const diverging: Rule = (run) => {
  const { curve, losses, floor } = run;
  if (curve.length < 3) return undefined;
  const smooth = curve.length < 6 ? losses : withoutSpikes(losses);
  const best = indexOfSmallest(smooth);
  const after = losses.slice(best + 1);
  if (after.length < 2) return undefined;
  const level = median(after.slice(-3));
  const lowest = Math.max(smooth[best], floor);
  if (!(level > RISE * lowest)) return undefined;
  const before = losses.slice(Math.max(0, best - 5), best);
  if (before.length > 0 && level <= 1.1 * median(before)) return undefined;
  // A loss far above that of training says that nothing was learnt: it speaks for no model.
  const unseen = curve.flatMap((point) => unseenLoss(point) ?? []);
  const now = median(unseen.slice(-3));
  if (unseen.length === curve.length && now <= Math.min(RISE * level, UNSEEN_RISE * Math.min(...unseen)))
    return undefined;
  const peak = indexOfLargest(after);
  const settling = after.length - peak > 2 && after[after.length - 1] < (1 - SETTLING) * after[peak];
  if (best >= LUCKY_EPOCHS && settling) return undefined;

  const lowestAt = indexOfSmallest(losses);
  const rise = losses[losses.length - 1] / Math.max(losses[lowestAt], floor) - 1;
  const changes = relativeChanges(losses, floor);
  const largest = indexOfLargest(changes);
  const last = losses[losses.length - 1];
  const evidence = evidenceOf({
    bestEpoch: curve[lowestAt].epoch,
    bestLoss: losses[lowestAt],
    lastEpoch: curve[curve.length - 1].epoch,
    lastLoss: last,
    rise,
    largestJump: changes[largest],
    jumpFromEpoch: curve[largest].epoch,
    rate: run.rate,
  });
  const lr = run.rate === undefined ? undefined : tenfoldLower(run.rate);
  const epochs = Math.max(EPOCHS, run.settings.number('epochs') ?? 0);
  const clip = run.settings.number('clipNorm');
  return {
    code: 'diverging',
    severity: run.absolute && level < TIERS[0].train ? 'watch' : 'critical',
    what: `The training loss diverges: ${numberText(losses[lowestAt])} in epoch ${curve[lowestAt].epoch} was the best, ${numberText(
      last,
    )} in epoch ${curve[curve.length - 1].epoch} is ${percentText(rise)}; the largest jump, ${percentText(
      changes[largest],
    )}, came after epoch ${curve[largest].epoch}.`,
    remedy: `The learning rate is too high${run.rate === undefined ? '' : ` (${rateText(run.rate)})`}. Start again from initial weights with ${
      lr === undefined ? 'a tenth of it' : rateText(lr)
    }, for ${epochs} epochs, with early stopping after ${PATIENCE} epochs without improvement; keep everything else.`,
    avoid: [
      `Do not continue from the checkpoint of epoch ${curve[lowestAt].epoch}: ${
        lowestAt < LUCKY_EPOCHS ? 'its low loss may be luck, and ' : ''
      }the path from it leads up.`,
      'Do not raise the learning rate.',
      'Do not change the architecture: a low loss was reached, so the capacity suffices.',
      'Do not add regularisation before the rate is right: the training loss itself rises, this is not over-fitting.',
    ],
    evidence,
    ...(lr === undefined
      ? {}
      : {
          patch: run.settings.spelled({
            lr,
            epochs,
            patience: PATIENCE,
            ...(clip !== undefined && clip > 0 ? {} : { clipNorm: 1 }),
          }),
          start: 'initial' as const,
        }),
  };
};
