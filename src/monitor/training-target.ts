import { basename, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { diagnose } from '../training/diagnose/index.js';
import { viewRun } from '../training/diagnose/run-view.js';
import type { TrainingEvent } from '../training/loop/training-events.js';
import { describeEvent } from '../training/run/describe-event.js';
import { readRun } from '../training/run/run-folder.js';
import { Polled } from './polled.js';
import type { Topic } from './protocol/messages.js';
import type { TrainingView } from './protocol/views.js';
import type { MonitorTarget, Subscriber } from './target.js';
import { finite, thinned } from './thinned.js';

/** Points of a curve, and events that a client gets when it comes. */
const MOST_POINTS = 400;
const HISTORY = 50;

/** A training run, read from its folder while it trains or after. */
export class TrainingTarget implements MonitorTarget {
  readonly topics = ['training', 'events'] as const;
  readonly commands = [] as const;
  readonly #view: Polled<TrainingView>;
  readonly #events: Polled<{ time: string; text: string }[]>;

  /** @throws InputError `E_NOT_A_RUN`, `E_RUN_CONFIG` */
  constructor(folder: string) {
    // Events of a training have no time: those that were there already are as old as the run's status.
    const found = readRun(folder).events.flatMap(describeEvent).length;
    const before = new Date().toISOString();
    const times: string[] = [];
    this.#view = new Polled(() => trainingView(folder));
    this.#events = new Polled(() =>
      readRun(folder)
        .events.flatMap(describeEvent)
        .map(({ text }, n) => {
          times[n] ??= n < found ? before : new Date().toISOString();
          return { time: times[n], text };
        })
        .slice(-HISTORY),
    );
  }

  subscribe({ topic }: Topic, to: Subscriber): () => void {
    if (topic === 'training')
      return this.#view.subscribe((training) => to.message({ type: 'training', training }));
    let told = new Set<string>();
    return this.#events.subscribe((events) => {
      const keys = events.map(({ time, text }) => `${time} ${text}`);
      events.forEach(({ time, text }, n) => {
        if (!told.has(keys[n])) to.message({ type: 'event', of: 'training', time, event: { text } });
      });
      told = new Set(keys);
    });
  }

  async execute(): Promise<never> {
    throw new UsageError('E_COMMAND', 'A training run is only looked at here.');
  }
}

function trainingView(folder: string): TrainingView {
  const run = readRun(folder);
  const { epochs, steps } = viewRun(run.events, run.config, run.status);
  const { findings, kept } = diagnose(run);
  const started = run.events.findLast(
    (event): event is Extract<TrainingEvent, { kind: 'started' }> => event.kind === 'started',
  );
  return {
    name: basename(resolve(folder)),
    status: run.status,
    step: run.events.at(-1)?.step ?? 0,
    totalSteps: finite(started?.totalSteps),
    parameters: finite(started?.parameters),
    device: started?.device ?? 'unknown',
    epochs: thinned(epochs, MOST_POINTS).map(
      ({ epoch, trainLoss, validationLoss, learningRate, gradientNorm }) => ({
        ...{ epoch, train: finite(trainLoss), validation: finite(validationLoss) },
        ...{ learningRate: finite(learningRate), gradientNorm: finite(gradientNorm) },
      }),
    ),
    steps: thinned(steps, MOST_POINTS).map(({ step, trainLoss }) => ({ step, train: finite(trainLoss) })),
    bestEpoch: kept?.epoch ?? null,
    findings: findings.map(({ severity, what, remedy }) => ({ severity, what, remedy })),
  };
}
