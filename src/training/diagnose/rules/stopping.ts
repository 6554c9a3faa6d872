import { evidenceOf } from '../finding.js';
import { numberText } from '../number-text.js';
import { keptPoint, type RunView, unseenLoss } from '../run-view.js';
import { recentImprovement } from '../series.js';
import { TIERS } from '../tiers.js';
import type { Rule } from './rule.js';

/** A run stopped before this many epochs, with a poor loss, was stopped too soon. */
const SOON = 30;
const POOR = 0.1;

/** Early stopping ended the run. */
export const earlyStopped: Rule = (run) => {
  if (!stoppedEarly(run)) return undefined;
  const last = run.curve.at(-1);
  const kept = keptPoint(run);
  if (last === undefined || kept === undefined) return undefined;
  const loss = unseenLoss(kept) ?? kept.train;
  const patience = run.settings.number('patience');
  const tooSoon = run.absolute && last.epoch < SOON && loss > POOR && (patience ?? 20) < 20;
  return {
    code: 'early-stopped',
    severity: tooSoon ? 'watch' : 'info',
    what: `Early stopping ended the run after epoch ${last.epoch}; the best was epoch ${kept.epoch} with ${numberText(loss)}.`,
    remedy: tooSoon
      ? 'That was soon, and the loss is still high: wait 20 epochs without improvement before stopping.'
      : `The weights of epoch ${kept.epoch} are the ones to use.`,
    evidence: evidenceOf({ lastEpoch: last.epoch, bestEpoch: kept.epoch, best: loss, patience }),
    ...(tooSoon ? { patch: run.settings.spelled({ patience: 20 }), start: 'resume' as const } : {}),
  };
};

/** The run used up its epochs while it was still getting better. */
export const stillImproving: Rule = (run) => {
  const { curve, settings } = run;
  const planned = settings.number('epochs');
  const ended =
    run.status === undefined
      ? run.events.some(({ kind }) => kind === 'ended') ||
        (planned !== undefined && (curve.at(-1)?.epoch ?? 0) >= planned)
      : run.status === 'finished';
  if (!ended || stoppedEarly(run) || curve.length < 4) return undefined;
  const unseen = curve.map((point) => unseenLoss(point) ?? point.train);
  const window = Math.max(4, Math.min(10, Math.floor(curve.length / 4)));
  const improvement = recentImprovement(unseen, window);
  const kept = keptPoint(run)!;
  const isRecent = kept.epoch > curve[curve.length - 1].epoch - Math.max(2, curve.length / 10);
  if (!isRecent || improvement < 0.02) return undefined;
  const reached = run.absolute && kept.train < TIERS[0].train;
  const epochs = Math.ceil(1.5 * Math.max(planned ?? 0, curve.length));
  return {
    code: 'still-improving',
    severity: reached ? 'info' : 'watch',
    what: `The run ended after epoch ${curve[curve.length - 1].epoch} while it was still getting better, by ${(
      100 * improvement
    ).toFixed(1)} % over its last ${window} epochs; early stopping never had to act.`,
    remedy: `It has not converged: resume with ${epochs} epochs.`,
    evidence: evidenceOf({ epochs: curve.length, improvement, bestEpoch: kept.epoch, planned }),
    patch: settings.spelled({ epochs }),
    start: 'resume',
  };
};

/** As the run says, or, of a curve without its run, as its patience would have it. */
function stoppedEarly({ status, events, curve, settings }: RunView): boolean {
  if (status !== undefined) return status === 'early-stopped';
  if (events.some((event) => event.kind === 'ended' && event.reason === 'early')) return true;
  const patience = settings.number('patience');
  const planned = settings.number('epochs');
  const last = curve.at(-1);
  if (
    patience === undefined ||
    patience === 0 ||
    planned === undefined ||
    last === undefined ||
    last.epoch >= planned
  )
    return false;
  let best = curve[0];
  for (const point of curve)
    if ((unseenLoss(point) ?? point.train) < (unseenLoss(best) ?? best.train)) best = point;
  return last.epoch - best.epoch >= patience;
}
