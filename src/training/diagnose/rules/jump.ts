import { evidenceOf } from '../finding.js';
import { numberText, percentText, rateText } from '../number-text.js';
import { moderatelyLower } from '../rates.js';
import { relativeChanges } from '../series.js';
import { TIERS } from '../tiers.js';
import type { Rule } from './rule.js';

const LIMIT = 0.2;

/**
 * One epoch lifted the training loss by more than a fifth: serious where it did not come back, from the epoch after it on.
 * Jumps that stay below the excellent tier are noise.
 */
export const jump: Rule = ({ curve, losses, floor, rate, settings, absolute }) => {
  const changes = relativeChanges(losses, floor);
  const jumps = changes
    .map((change, i) => ({ change, i }))
    .filter(({ change, i }) => change > LIMIT && !(absolute && losses[i + 1] < TIERS[0].train));
  if (jumps.length === 0) return undefined;
  const largest = jumps.reduce((a, b) => (b.change > a.change ? b : a));
  const before = losses[largest.i];
  const recovered = losses.slice(largest.i + 2).some((loss) => loss <= before * 1.05);
  const isNewest = largest.i === changes.length - 1;
  const lr = rate === undefined ? undefined : moderatelyLower(rate);
  const serious = !recovered && !isNewest;
  return {
    code: 'jump',
    severity: serious ? 'serious' : 'watch',
    what: `The training loss jumped by ${percentText(largest.change)} from epoch ${curve[largest.i].epoch} (${numberText(
      before,
    )}) to epoch ${curve[largest.i + 1].epoch} (${numberText(losses[largest.i + 1])})${recovered ? ' and came back' : ''}.`,
    remedy: serious
      ? `The step is too long for what the model met there: start again from initial weights with the rate at ${
          lr === undefined ? '0.3×' : rateText(lr)
        }.`
      : 'One jump that heals needs no cure; keep gradients clipped to 1.0 and watch whether it comes again.',
    evidence: evidenceOf({
      fromEpoch: curve[largest.i].epoch,
      toEpoch: curve[largest.i + 1].epoch,
      before,
      after: losses[largest.i + 1],
      change: largest.change,
      jumps: jumps.length,
      rate,
    }),
    ...(serious && lr !== undefined
      ? { patch: settings.spelled({ lr, clipNorm: 1 }), start: 'initial' as const }
      : {}),
  };
};
