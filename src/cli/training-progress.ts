import cliProgress from 'cli-progress';
import type { StepEvent, TrainingEvent } from '../training/loop/training-events.js';
import type { Output } from './output.js';
import { formatSeconds } from './text/time-format.js';

/** Shows how far a training is, and prints its lines above the bar. */
export interface TrainingProgress {
  /** Moves the bar. */
  show(event: TrainingEvent): void;
  /** A line that stays; printed also where no person is looking. */
  line(text: string): void;
  warn(sentence: string): void;
  stop(): void;
}

/** A bar on stderr with loss, rate, gradient norm and ETA; epochs as lines. */
export function startTrainingProgress(output: Output): TrainingProgress {
  let bar: cliProgress.SingleBar | undefined;
  const above = (print: () => void): void => {
    // The bar redraws itself below at its next update.
    if (bar !== undefined && output.interactive) output.stderr.write('\r\u001b[2K');
    print();
  };
  const startBar = (total: number, from: number, format: cliProgress.GenericFormatter): void => {
    bar?.stop();
    if (!output.interactive) return;
    bar = new cliProgress.SingleBar({
      stream: output.stderr,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      format,
    });
    bar.start(total, from);
  };
  const reading = (done: number, total: number): void => {
    if (bar === undefined)
      startBar(total, 0, (options, { progress, value, total: all }) =>
        ['reading recordings', cliProgress.Format.BarFormat(progress, options), `${value} of ${all}`].join(
          '  ',
        ),
      );
    bar?.setTotal(total);
    bar?.update(done);
  };
  const started = (fromStep: number, totalSteps: number): void => {
    const startedAt = performance.now();
    startBar(totalSteps, fromStep, (options, { progress, value, total }, payload: { record?: StepEvent }) => {
      const perStep = (performance.now() - startedAt) / 1000 / Math.max(1, value - fromStep);
      const { record } = payload;
      return [
        `step ${value} of ${total}`,
        cliProgress.Format.BarFormat(progress, options),
        ...(record === undefined
          ? []
          : [
              `loss ${record.trainLoss.toPrecision(3)}`,
              `rate ${record.learningRate.toExponential(1)}`,
              `norm ${record.gradientNorm.toPrecision(2)}`,
            ]),
        `ETA ${formatSeconds((total - value) * perStep)}`,
      ].join('  ');
    });
  };
  return {
    show(event) {
      if (event.kind === 'reading') reading(event.done, event.total);
      if (event.kind === 'started') started(event.step, event.totalSteps);
      if (event.kind === 'step') bar?.update(event.step, { record: event });
    },
    line: (text) => above(() => output.report(text)),
    warn: (sentence) => above(() => output.warn(sentence)),
    stop: () => bar?.stop(),
  };
}
