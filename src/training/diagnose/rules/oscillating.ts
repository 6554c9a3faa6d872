import { evidenceOf } from '../finding.js';
import { percentText, rateText } from '../number-text.js';
import { moderatelyLower } from '../rates.js';
import { median, relativeChanges } from '../series.js';
import { TIERS } from '../tiers.js';
import type { Rule } from './rule.js';

/** Swings of this ratio both ways are instability; the smaller is worth watching. */
const SERIOUS = 1.3;
const WATCH = 1.2;
/** The newest epochs that are looked at: what a run did in its first epochs is past. */
const WINDOW = 12;

/** The training loss swings up and down by ±30 % (watch: ±20 %), at least twice each way. */
export const oscillating: Rule = ({ losses, floor, rate, settings, absolute }) => {
  const recent = losses.slice(-WINDOW - 1);
  const ratios = relativeChanges(recent, floor).map((change) => change + 1);
  const swings = (ratio: number) => ({
    up: ratios.filter((value) => value >= ratio).length,
    down: ratios.filter((value) => value <= 1 / ratio).length,
  });
  const found = [SERIOUS, WATCH].find((ratio) => swings(ratio).up >= 2 && swings(ratio).down >= 2);
  if (found === undefined) return undefined;
  const { up, down } = swings(found);
  const lr = rate === undefined ? undefined : moderatelyLower(rate);
  const small = absolute && median(recent) < TIERS[0].train;
  const serious = found === SERIOUS && !small;
  const swing = Math.max(...ratios) - 1;
  return {
    code: 'oscillating',
    severity: serious ? 'serious' : 'watch',
    what: `The training loss swings: in the last ${recent.length} epochs it rose ${up} times and fell ${down} times by more than ${Math.round(
      (found - 1) * 100,
    )} %, at most by ${percentText(swing)}.`,
    remedy: serious
      ? `The learning rate is unstable. Start again from initial weights with ${lr === undefined ? '0.3× of it' : rateText(lr)}.`
      : 'Let the schedule lower the rate; if the swings grow beyond 30 %, start again with a lower one.',
    avoid: ['Do not raise the learning rate.'],
    evidence: evidenceOf({ epochs: recent.length, rises: up, falls: down, largestRise: swing, rate }),
    ...(serious && lr !== undefined ? { patch: settings.spelled({ lr }), start: 'initial' as const } : {}),
  };
};
