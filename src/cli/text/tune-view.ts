import type { EpochEvent } from '../../training/loop/training-events.js';
import { bestTrial, type StudyView } from '../../tuning/study-view.js';
import { lastReport, type TrialRecord } from '../../tuning/trial.js';
import type { Output } from '../output.js';
import { table } from './table.js';
import { formatSeconds } from './time-format.js';

/** What a person sees of a study at work. */
export interface TuneView {
  changed(trial: TrialRecord, study: StudyView): void;
  epoch(trial: number, epoch: EpochEvent, epochs: number): void;
  stop(): void;
}

/** Milliseconds between two drawings. */
const REFRESH_MS = 500;

/** Ended trials that stay in the table. */
const SHOWN_ENDED = 5;

interface Running {
  epoch: EpochEvent;
  epochs: number;
}

/** At a terminal a table that is drawn again and again; elsewhere a line per trial that stops. */
export function startTuneView(output: Output, limit: number | undefined): TuneView {
  const running = new Map<number, Running>();
  let study: StudyView | undefined;
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) output.stderr.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (study === undefined) return;
    const lines = tuneTable(study, running, limit).map((line) =>
      line.slice(0, (output.stderr.columns ?? 120) - 1),
    );
    clear();
    output.stderr.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = output.interactive ? setInterval(draw, REFRESH_MS) : undefined;
  return {
    changed(trial, now) {
      study = now;
      if (trial.state === 'running') return;
      running.delete(trial.number);
      if (!output.interactive && trial.state !== 'waiting') output.report(describeTrial(trial, now));
    },
    epoch(trial, epoch, epochs) {
      running.set(trial, { epoch, epochs });
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

/** One trial as a line. */
function describeTrial(
  { number, state, params, values, reports, error }: TrialRecord,
  study: StudyView,
): string {
  const value = values?.[0] ?? reports[reports.length - 1]?.value;
  const reached = value === undefined ? '' : `  ${study.metrics[0]} ${value.toPrecision(4)}`;
  const why = error === undefined ? '' : `  ${error.message}`;
  return `trial ${number}  ${state}${reached}  step ${reports[reports.length - 1]?.step ?? 0}  ${paramsText(params)}${why}`;
}

const paramsText = (params: TrialRecord['params']): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(3)) : value}`)
    .join('  ');

/** The lines of the live table: what runs, what ended last, and the best so far. */
function tuneTable(
  study: StudyView,
  running: ReadonlyMap<number, Running>,
  limit: number | undefined,
): string[] {
  const active = study.trials.filter(({ state }) => state === 'running');
  const ended = study.trials.filter(
    ({ state, reports }) => state !== 'running' && state !== 'waiting' && reports.length > 0,
  );
  const row = (trial: TrialRecord): string[] => {
    const now = running.get(trial.number);
    const last = lastReport(trial);
    const left = now && (now.epochs - now.epoch.epoch) * now.epoch.seconds;
    return [
      String(trial.number),
      trial.state,
      `${last?.step ?? 0}${now === undefined ? '' : ` of ${now.epochs}`}`,
      last === undefined ? '' : last.value.toPrecision(4),
      trial.state === 'running' && left !== undefined ? formatSeconds(left) : '',
      paramsText(trial.params),
    ];
  };
  const recent = [...ended].sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0)).slice(-SHOWN_ENDED);
  const best = bestTrial(study);
  const count = (state: TrialRecord['state']): number =>
    study.trials.filter((trial) => trial.state === state).length;
  const total = limit === undefined ? '' : ` of ${limit}`;
  return [
    ...table(['trial', 'state', 'rung', 'loss', 'ETA', 'configuration'], [...recent, ...active].map(row)),
    '',
    `${study.trials.length}${total} trials: ${count('complete')} complete, ${count('paused')} paused, ${count('pruned')} pruned, ${count('failed')} failed`,
    best === undefined
      ? 'no complete trial yet'
      : `best: trial ${best.number}, ${best.values![0].toPrecision(4)}  ${paramsText(best.params)}`,
  ];
}
