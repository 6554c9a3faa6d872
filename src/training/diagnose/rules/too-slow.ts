import { evidenceOf, type Finding } from '../finding.js';
import { numberText, percentText, rateText } from '../number-text.js';
import { HIGH_RATE, HIGHEST_RATE, higher, tenfoldLower } from '../rates.js';
import type { RunView } from '../run-view.js';
import { median, recentImprovement } from '../series.js';
import type { Rule } from './rule.js';

/** A mean squared error above this is poor whatever the task: silence alone scores about 0.5 on sines of amplitude 1. */
const POOR = 0.1;
/** Epochs without progress that make a plateau, and the progress that ends one. */
const FLAT_EPOCHS = 6;
const PROGRESS = 0.03;
/** Epochs after which a loss that is still poor is too slow although it falls. */
const SLOW_EPOCHS = 15;

/** Where a run on the frequency task should be: below `loss` after `epoch` epochs. */
const MILESTONES = [
  { epoch: 25, loss: 0.01 },
  { epoch: 15, loss: 0.05 },
  { epoch: 10, loss: 0.1 },
  { epoch: 5, loss: 0.2 },
] as const;

/** The loss is worse than that of an output of silence, which on unit-scale signals cannot exceed 1. */
export const worseThanSilence: Rule = (run) => {
  const { losses, rate } = run;
  if (!run.absolute || losses.length < 3) return undefined;
  const level = median(losses.slice(-3));
  if (!(level > 1)) return undefined;
  const lr = rate === undefined ? undefined : tenfoldLower(rate);
  return {
    code: 'worse-than-silence',
    severity: 'serious',
    what: `The training loss is ${numberText(level)}: an output of plain silence would be better.`,
    remedy: `Either the data is not scaled to ±1, or the learning rate${
      rate === undefined ? '' : `, ${rateText(rate)},`
    } is far too high: start again from initial weights with ${lr === undefined ? 'a tenth of it' : rateText(lr)}.`,
    evidence: evidenceOf({ level, epochs: losses.length, rate }),
    ...(lr === undefined ? {} : { patch: run.settings.spelled({ lr }), start: 'initial' as const }),
  };
};

/** The loss stands still above 0.1. */
export const plateau: Rule = (run) => {
  const { losses } = run;
  if (!run.absolute || losses.length < FLAT_EPOCHS) return undefined;
  const level = median(losses.slice(-FLAT_EPOCHS));
  const improvement = recentImprovement(losses, FLAT_EPOCHS);
  if (!(level > POOR) || improvement > PROGRESS) return undefined;
  return {
    code: 'plateau',
    severity: 'serious',
    what: `The training loss stands still at ${numberText(level)}, above ${POOR}: ${percentText(
      improvement,
    )} improvement over the last ${FLAT_EPOCHS} epochs.`,
    evidence: evidenceOf({ level, improvement, epochs: losses.length, rate: run.rate }),
    ...cureOfPlateau(run),
  };
};

/** After 15 epochs the loss falls, but is still above 0.1. */
export const slow: Rule = (run) => {
  const { losses, rate } = run;
  if (!run.absolute || losses.length < SLOW_EPOCHS) return undefined;
  const last = median(losses.slice(-3));
  const improvement = recentImprovement(losses, FLAT_EPOCHS);
  if (!(last > POOR) || improvement <= PROGRESS) return undefined;
  const lr = rate !== undefined && rate < HIGH_RATE ? higher(rate) : undefined;
  return {
    code: 'slow',
    severity: 'watch',
    what: `The training loss falls, but is still ${numberText(last)} after ${losses.length} epochs.`,
    remedy:
      lr === undefined
        ? 'Give it more epochs. Where each epoch takes long, longer sequences (length 100) train faster, and a smaller hidden size shows sooner whether the configuration works.'
        : `Raise the learning rate to ${rateText(lr)} and resume. Where each epoch takes long, longer sequences (length 100) train faster.`,
    evidence: evidenceOf({ loss: last, epochs: losses.length, improvement, rate }),
    patch: run.settings.spelled(
      lr === undefined
        ? { epochs: Math.ceil(1.5 * Math.max(losses.length, run.settings.number('epochs') ?? 0)) }
        : { lr },
    ),
    start: 'resume',
  };
};

/** A run on the frequency task that is behind the usual course, while it still falls. */
export const behind: Rule = (run) => {
  if (!run.absolute || run.settings.text('task') !== 'frequency' || run.losses.length >= SLOW_EPOCHS * 2) {
    return undefined;
  }
  const milestone = MILESTONES.find(({ epoch }) => run.losses.length >= epoch);
  if (milestone === undefined) return undefined;
  const reached = Math.min(...run.losses.slice(0, milestone.epoch + 1));
  if (reached < milestone.loss) return undefined;
  return {
    code: 'behind',
    severity: 'info',
    what: `After ${milestone.epoch} epochs the training loss is usually below ${milestone.loss}; here it is ${numberText(reached)}.`,
    remedy: 'Go on while it falls steadily.',
    evidence: evidenceOf({ epoch: milestone.epoch, usual: milestone.loss, loss: reached }),
  };
};

/** A low rate is raised; at a high one the cause lies elsewhere: too small a model, too short sequences, the data. */
function cureOfPlateau(run: RunView): Pick<Finding, 'remedy' | 'patch' | 'start'> {
  const { rate, settings } = run;
  const check = 'Check the data too: seeds, levels, and that the target is what the input contains.';
  if (rate === undefined) {
    return { remedy: `Raise the learning rate 3× and resume. ${check}` };
  }
  if (rate < HIGH_RATE) {
    const lr = higher(rate);
    return {
      remedy: `The learning rate is too low: raise it to ${rateText(lr)} and resume.`,
      patch: settings.spelled({ lr }),
      start: 'resume',
    };
  }
  if (rate > HIGHEST_RATE) {
    return {
      remedy: `The learning rate, ${rateText(rate)}, is far above what works (${rateText(HIGHEST_RATE)} at most): the loss stands still because every step is too long. Start again with 0.0005 and the plateau schedule.`,
      patch: settings.spelled({ lr: 5e-4, schedule: 'plateau' }),
      start: 'initial',
    };
  }
  const hidden = settings.number('hidden');
  const doubts =
    rate >= HIGHEST_RATE ? ' That only a rate as high as this seems to move it points at the data.' : '';
  if (hidden === undefined) {
    return {
      remedy: `The rate (${rateText(rate)}) is not too low. Start again with 0.0005 and the plateau schedule. ${check}${doubts}`,
      patch: settings.spelled({ lr: 5e-4, schedule: 'plateau' }),
      start: 'initial',
    };
  }
  const enlarged = hidden < 64 ? { hidden: 64, epochs: 50, lr: 5e-4 } : { hidden: 128, epochs: 40, lr: 3e-4 };
  if (hidden >= 128) {
    return {
      remedy: `Neither the rate nor the size is too low. Train with sequences of one sample (length 1), which shows whether the model can learn this at all. ${check}${doubts}`,
      patch: settings.spelled({ length: 1, lr: 1e-3, epochs: 30 }),
      start: 'initial',
    };
  }
  const length = settings.number('length');
  return {
    remedy: `The rate is not too low; the model is too small for the task. Start again with hidden size ${enlarged.hidden}, rate ${rateText(
      enlarged.lr,
    )}, ${enlarged.epochs} epochs and the plateau schedule. ${check}${doubts}`,
    patch: settings.spelled({
      ...enlarged,
      ...(length !== undefined && length > 1 && length < 50 ? { length: 50 } : {}),
      schedule: 'plateau',
      clipNorm: 1,
    }),
    start: 'initial',
  };
}
