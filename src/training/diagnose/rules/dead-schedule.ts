import { evidenceOf } from '../finding.js';
import { numberText, rateText } from '../number-text.js';
import { keptPoint } from '../run-view.js';
import { TIERS } from '../tiers.js';
import type { Rule } from './rule.js';

const EPOCHS = 3;
const PATIENCES = [8, 12, 15] as const;

/** The schedule has lowered the rate to its minimum, where nothing is learnt any more. */
export const deadSchedule: Rule = (run) => {
  const { settings, rate } = run;
  if (rate === undefined || settings.text('schedule') === 'cosine') return undefined;
  const minimum = settings.number('minimumLr') ?? 1e-7;
  if (rate <= minimum * 2) return undefined;
  let epochs = 0;
  while (epochs < run.epochs.length && run.epochs.at(-1 - epochs)!.learningRate <= minimum * 1.001) epochs++;
  if (epochs < EPOCHS) return undefined;
  const kept = keptPoint(run);
  const goal = TIERS[TIERS.length - 1].train;
  const fine = run.absolute && kept !== undefined && kept.train < goal;
  const patience = settings.number('schedulerPatience') ?? 5;
  const morePatience = PATIENCES.find((value) => value > patience) ?? Math.ceil(patience * 1.5);
  const lr = Number((rate * 0.3).toPrecision(2));
  return {
    code: 'dead-schedule',
    severity: fine ? 'info' : 'serious',
    what: `The learning rate has been at its minimum of ${numberText(minimum)} for ${epochs} epochs: nothing more is learnt.`,
    remedy: fine
      ? 'The goal is reached: stop here.'
      : `Start again at ${rateText(lr)} with a more patient schedule: halve the rate after ${morePatience} epochs without improvement.`,
    evidence: evidenceOf({ epochs, minimum, rate, loss: kept?.train }),
    ...(fine
      ? {}
      : {
          patch: settings.spelled({ lr, schedulerFactor: 0.5, schedulerPatience: morePatience }),
          start: 'initial' as const,
        }),
  };
};
