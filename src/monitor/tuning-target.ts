import { UsageError } from '../errors.js';
import { importances } from '../tuning/analyse/importance.js';
import { curvesOf, historyOf, type Line } from '../tuning/analyse/series.js';
import { Journal } from '../tuning/journal/journal.js';
import type { JournalStorage } from '../tuning/storages/journal-storage.js';
import { lossOf, type StudyView } from '../tuning/study-view.js';
import { lastReport, type TrialRecord } from '../tuning/trial.js';
import { Polled } from './polled.js';
import type { Topic } from './protocol/messages.js';
import type { LineView, TrialView, TuningView } from './protocol/views.js';
import type { MonitorTarget, Subscriber } from './target.js';
import { finite, thinned } from './thinned.js';

/** Trials and curves that are sent, and points of a line: 100 kB at most, when something has changed. */
const MOST_TRIALS = 200;
const MOST_CURVES = 40;
const MOST_POINTS = 200;
const MOST_CURVE_POINTS = 40;

/** A study, read from its journal while trials run or after. */
export class TuningTarget implements MonitorTarget {
  readonly topics = ['tuning'] as const;
  readonly commands = [] as const;
  readonly #view: Polled<TuningView>;

  private constructor(private readonly journal: Journal) {
    this.#view = new Polled(async () => {
      await journal.sync();
      return tuningView(journal.state);
    });
  }

  /** @throws InputError `E_NO_STUDY`, `E_JOURNAL`, `E_JOURNAL_VERSION` */
  static async open(storage: JournalStorage): Promise<TuningTarget> {
    const journal = new Journal(storage);
    await journal.open();
    // Asked for here, since it throws where nobody has begun a study.
    journal.state satisfies StudyView;
    return new TuningTarget(journal);
  }

  subscribe(_topic: Topic, to: Subscriber): () => void {
    return this.#view.subscribe((tuning) => to.message({ type: 'tuning', tuning }));
  }

  async execute(): Promise<never> {
    throw new UsageError('E_COMMAND', 'A study is only looked at here.');
  }

  close(): Promise<void> {
    return this.journal.close();
  }
}

function tuningView(study: StudyView): TuningView {
  const { values, best } = historyOf(study);
  const counts: Record<string, number> = {};
  for (const { state } of study.trials) counts[state] = (counts[state] ?? 0) + 1;
  return {
    name: study.name,
    metric: study.metrics[0],
    direction: study.directions[0],
    counts,
    trials: study.trials
      .map((trial) => ({ trial, loss: rankOf(study, trial) }))
      .sort((a, b) => a.loss - b.loss || a.trial.number - b.trial.number)
      .slice(0, MOST_TRIALS)
      .map(({ trial }) => trialView(trial)),
    history: [lineView(values, MOST_POINTS), lineView(best, MOST_POINTS)],
    curves: curvesOf(study)
      .slice(-MOST_CURVES)
      .map((line) => lineView(line, MOST_CURVE_POINTS)),
    importance: importances(study).map(({ name, share }) => ({ name, share: finite(share) })),
    rungs: rungsOf(study),
  };
}

/** Trials that ended come first, by their loss; failed ones and those that have reported nothing last. */
function rankOf(study: StudyView, trial: TrialRecord): number {
  const value = resultOf(trial);
  return value === undefined || trial.state === 'failed' ? Number.POSITIVE_INFINITY : lossOf(study, value);
}

const resultOf = (trial: TrialRecord): number | undefined => trial.values?.[0] ?? lastReport(trial)?.value;

function trialView(trial: TrialRecord): TrialView {
  const { number, state, params } = trial;
  return {
    ...{ number, state, params },
    value: finite(resultOf(trial)),
    step: lastReport(trial)?.step ?? null,
  };
}

function lineView({ label, x, y }: Line, most: number): LineView {
  const points = thinned(
    x.map((at, n) => [at, finite(y[n])] as const),
    most,
  );
  return { label, x: points.map(([at]) => at), y: points.map(([, value]) => value) };
}

/** Steps at which a trial was stopped by its pruner. */
function rungsOf({ trials }: StudyView): TuningView['rungs'] {
  const last = trials.map((trial) => lastReport(trial)?.step ?? 0);
  const steps = new Set(
    trials.flatMap(({ state }, n) => (state === 'paused' || state === 'pruned' ? last[n] : [])),
  );
  return [...steps]
    .filter((step) => step > 0)
    .sort((a, b) => a - b)
    .map((step) => ({
      step,
      reached: last.filter((one) => one >= step).length,
      further: last.filter((one) => one > step).length,
    }));
}
