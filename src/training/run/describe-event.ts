import type { DataSummary } from '../data/data-summary.js';
import { formatWarning } from '../diagnose/index.js';
import type { EpochEvent, TrainingEvent } from '../loop/training-events.js';

/** A sentence about an event. */
export interface EventSentence {
  text: string;
  /** Something is not as it should be. */
  warning: boolean;
}

/** Left-out files that are named; of more the number is told. */
const MOST_NAMED = 10;

/** `1 epoch`, `2 epochs`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * An event in words for a person: the only place where words are made of events. None for those that are shown as they
 * go (reading, steps) or need no words (checkpoints).
 */
export function describeEvent(event: TrainingEvent): EventSentence[] {
  switch (event.kind) {
    case 'reading':
    case 'step':
    case 'checkpoint':
      return [];
    case 'started':
      return [
        ...(event.anew
          ? [warning('This run was ended before its first checkpoint: it begins anew.')]
          : event.step > 0
            ? [plain(`Goes on after step ${event.step}.`)]
            : []),
        ...(event.data === undefined ? [] : describeData(event.data)),
        plain(
          `${event.parameters} weights on ${event.device}, ${counted(event.totalSteps - event.step, 'step')} to go.`,
        ),
      ];
    case 'epoch':
      return [plain(describeEpoch(event))];
    case 'stepped back':
      return [
        warning(
          `${event.reason} at step ${event.step}: back to the last good weights, rate × ${event.rateFactor}`,
        ),
      ];
    case 'finding':
      return [warning(formatWarning(event.finding))];
    case 'paused':
      return [plain(`Paused after step ${event.step}${event.reason === 'budget' ? ', as planned' : ''}.`)];
    case 'ended':
      return [
        plain(
          event.reason === 'early'
            ? `Early stopping ended the run after epoch ${event.epoch}.`
            : `The run is finished after ${counted(event.epoch, 'epoch')}.`,
        ),
      ];
    case 'failed':
      return [warning(event.error.message)];
  }
}

const plain = (text: string): EventSentence => ({ text, warning: false });
const warning = (text: string): EventSentence => ({ text, warning: true });

function describeData({
  trainingSeconds,
  noiseSeconds,
  validationSeconds,
  skipped,
}: DataSummary): EventSentence[] {
  const hours = (seconds: number): string => `${(seconds / 3600).toFixed(2)} h`;
  const parts = [
    ...(trainingSeconds > 0 ? [`${hours(trainingSeconds)} of speech`] : []),
    ...(noiseSeconds > 0 ? [`${hours(noiseSeconds)} of noise`] : []),
    `${hours(validationSeconds)} held out`,
  ];
  const more = skipped.length - MOST_NAMED;
  return [
    plain(`Training on ${parts.join(', ')}.`),
    ...skipped.slice(0, MOST_NAMED).map(({ name, reason }) => warning(`left out ${name}: ${reason}`)),
    ...(more > 0 ? [warning(`left out ${counted(more, 'more file')}`)] : []),
  ];
}

function describeEpoch(event: EpochEvent): string {
  const shown = {
    ...(event.validationLoss !== undefined && { validation: event.validationLoss }),
    ...event.outputs,
  };
  return [
    `epoch ${event.epoch}`,
    `training ${event.trainLoss.toPrecision(4)}`,
    ...Object.entries(shown).map(([name, value]) => `${name} ${value.toPrecision(4)}`),
    `rate ${event.learningRate.toExponential(1)}`,
    `norm ${event.gradientNorm.toPrecision(3)}`,
    `loader ${(100 * event.loaderShare).toFixed(0)} %`,
    ...(event.improved ? ['best'] : []),
  ].join('  ');
}
