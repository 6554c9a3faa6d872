import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../training/diagnose/index.js';
import type { EpochEvent, TrainingEvent } from '../../training/loop/training-events.js';
import { type JobRequest, resolveJob } from '../../training/run/resolve-job.js';
import { holdsRun, readRun } from '../../training/run/run-folder.js';
import { subjectOf, type TrainingJob } from '../../training/tasks/tasks.js';
import type { Params } from '../distribution.js';
import type { Answer } from '../owned-trial.js';
import type { Objective, Outcome, TrialContext } from '../run-study.js';
import type { Study } from '../study.js';
import { lastReport } from '../trial.js';
import { checkpointName } from './checkpoint-name.js';
import { type DoctorMode, remedied, TrialDoctor } from './doctor.js';
import { objectives } from './objectives.js';
import { StudyFolder } from './study-folder.js';
import type { TrainingPool } from './training-pool.js';
import { meanResult, type TrialResult, trialResult } from './trial-result.js';

export interface TrainingObjectiveOptions {
  study: Study;
  /** Threads and recordings for the trials; closed by whoever made it. */
  pool: TrainingPool;
  /** Shared by all who work on the study. */
  folder: string;
  /** What all trials have in common; each adds its hyperparameters as settings. */
  request: JobRequest;
  family: string;
  /** What is measured of every trained model, by the names in `objectives.ts`. Default: its loss. */
  objectives?: readonly string[];
  /** Default `prune`. */
  doctor?: DoctorMode;
  /** Cross-validation over this many folds; a trial's reports then count folds, not epochs. Default 1: none. */
  folds?: number;
  /** Told of every epoch of every trial. */
  onEpoch?(trial: number, epoch: EpochEvent, epochs: number): void;
}

/** Choices of a study that are no settings of a training. */
const NO_SETTINGS = new Set(['stage']);

/** The job of a trial. @throws UsageError `E_SETTING`, `E_CONFIG` */
export function jobOf(request: JobRequest, family: string, params: Params): TrainingJob {
  const chosen = Object.entries(params).filter(([name]) => !NO_SETTINGS.has(name));
  return resolveJob({ ...request, set: { ...request.set, ...Object.fromEntries(chosen) } }, family);
}

/**
 * Trials that are trainings: each has a run folder, which is all that a paused one needs to go on to the bit, here or on
 * another machine.
 */
export function trainingObjective(options: TrainingObjectiveOptions): Objective {
  const { request, family, folds = 1 } = options;
  return async (context) => {
    const { params, record } = context.trial;
    const run = new StudyFolder(options.folder).runOf(record);
    if (folds > 1) return crossValidate(options, context, run, folds);
    const outcome = await new Stretch(options, context, run, jobOf(request, family, params)).run();
    return outcome.state === 'trained' ? complete(options, context, [outcome]) : outcome;
  };
}

/** Trains every fold to its end; the values are means over the folds. */
async function crossValidate(
  options: TrainingObjectiveOptions,
  context: TrialContext,
  run: string,
  folds: number,
): Promise<Outcome> {
  const { request, family } = options;
  const trained: Trained[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const set = { ...request.set, heldOut: Math.min(0.5, 1 / folds), fold };
    const job = jobOf({ ...request, set }, family, context.trial.params);
    const outcome = await new Stretch(options, context, join(run, `fold-${fold + 1}`), job, true).run();
    if (outcome.state !== 'trained') return outcome;
    trained.push(outcome);
    const answer = await context.report(fold + 1, meanValues(trained)[0]);
    if (answer !== 'continue' && fold + 1 < folds) return outcomeOf(answer);
  }
  return complete(options, context, trained);
}

const meanValues = (trained: readonly Trained[]): number[] =>
  trained[0].values.map((_, i) => trained.reduce((sum, { values }) => sum + values[i], 0) / trained.length);

/** Writes to the trial what came of its training, or of its folds, whose best model is kept. */
async function complete(
  { folder }: TrainingObjectiveOptions,
  { trial }: TrialContext,
  trained: readonly Trained[],
): Promise<Outcome> {
  const best = trained.reduce((a, b) => (b.values[0] < a.values[0] ? b : a));
  const { job, model, run } = best;
  const kept =
    model &&
    new StudyFolder(folder).keepCheckpoint(
      model,
      checkpointName(subjectOf(job), { ...job.settings }, trial.params),
    );
  const result = meanResult(trained.map((one) => one.result));
  await trial.setAttribute('result', { ...result, run, ...(kept && { model: kept }) });
  return { state: 'complete', values: meanValues(trained) };
}

function outcomeOf(answer: Exclude<Answer, 'continue'>): Exclude<Outcome, { state: 'complete' }> {
  return { state: answer === 'pause' ? 'paused' : answer === 'prune' ? 'pruned' : 'lost' };
}

/** A training that came to its end. */
interface Trained {
  state: 'trained';
  job: TrainingJob;
  run: string;
  /** Absent where the task makes none. */
  model?: string;
  result: TrialResult;
  /** One per objective. */
  values: readonly number[];
}

/** One stretch of a training: from where it stands to its end, or to where it is stopped. */
class Stretch {
  readonly #doctor: TrialDoctor;
  readonly #stop = new AbortController();
  #answer: Exclude<Answer, 'continue'> | undefined;
  /** Reports are written one after the other, while the training goes on. */
  #written: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: TrainingObjectiveOptions,
    private readonly context: TrialContext,
    private readonly folder: string,
    private readonly job: TrainingJob,
    /** One of several folds: its epochs are no steps of the trial, and no rung stops it. */
    private readonly isFold = false,
  ) {
    this.#doctor = new TrialDoctor({ ...job });
  }

  async run(): Promise<Trained | Exclude<Outcome, { state: 'complete' }>> {
    let resume = holdsRun(this.folder);
    // Epochs that ended after the last report: the journal hears of them now.
    for (const epoch of resume ? this.#epochs() : []) await this.#report(epoch);
    let finished = resume && this.#ended();
    while (!finished && this.#answer === undefined) {
      finished = await this.#train(resume);
      if (this.context.signal.aborted && !finished && this.#answer === undefined)
        return { state: 'released' };
      resume = true;
    }
    // A training that ended while it was being paused is complete all the same.
    if (this.#answer !== undefined && !(finished && this.#answer === 'pause')) return outcomeOf(this.#answer);
    return this.#measure();
  }

  /**
   * Trains to the next rung, where the run pauses by itself: not a step is trained that the verdict there may make needless.
   * @returns whether the training came to its end
   */
  async #train(resume: boolean): Promise<boolean> {
    const { context, options } = this;
    const onEvent = (event: TrainingEvent): void => {
      if (event.kind !== 'epoch') return;
      this.#written = this.#written.then(() => this.#report(event));
      // Rejections are met below; until then none is unhandled.
      this.#written.catch(() => this.#stop.abort());
    };
    const { finished } = await options.pool.run(this.job, {
      folder: this.folder,
      resume,
      signal: AbortSignal.any([context.signal, this.#stop.signal]),
      budget: { untilEpoch: this.isFold ? undefined : context.trial.nextRung },
      onEvent,
    });
    await this.#written;
    return finished;
  }

  #epochs(): EpochEvent[] {
    return readRun(this.folder).events.filter((event): event is EpochEvent => event.kind === 'epoch');
  }

  #ended(): boolean {
    const { status } = readRun(this.folder);
    return status === 'finished' || status === 'early-stopped';
  }

  async #report(epoch: EpochEvent): Promise<void> {
    if (this.#answer !== undefined) return;
    const { trial, report } = this.context;
    this.options.onEpoch?.(trial.number, epoch, this.job.settings.epochs);
    const known = lastReport(trial.record)?.step ?? 0;
    const answer =
      !this.isFold && epoch.epoch > known
        ? await report(epoch.epoch, epoch.validationLoss ?? epoch.trainLoss)
        : 'continue';
    const finding = this.options.doctor === 'off' ? undefined : this.#doctor.observe(epoch);
    if (answer === 'lost' || answer === 'prune') this.#end(answer);
    else if (finding !== undefined && !trial.record.toEnd) await this.#giveUp(finding);
    else if (answer === 'pause') this.#end(answer);
  }

  async #giveUp(finding: Finding): Promise<void> {
    const { trial } = this.context;
    await trial.setAttribute('finding', { code: finding.code, what: finding.what, remedy: finding.remedy });
    const better = this.options.doctor === 'restart' ? remedied(trial.record, finding) : undefined;
    if (better !== undefined) await this.options.study.enqueue(better, { remedyOf: trial.number });
    this.#end('prune');
  }

  #end(answer: Exclude<Answer, 'continue'>): void {
    this.#answer = answer;
    this.#stop.abort();
  }

  async #measure(): Promise<Trained> {
    const { settings } = this.job;
    const stepsPerEpoch = 'stepsPerEpoch' in settings ? settings.stepsPerEpoch : 1;
    const result = trialResult(this.#epochs(), settings.batch * stepsPerEpoch);
    const path = join(this.folder, 'model.onnx');
    const model = existsSync(path) ? path : undefined;
    const values: number[] = [];
    for (const name of this.options.objectives ?? ['loss'])
      values.push(await objectives.get(name).measure(result, model));
    return { state: 'trained', job: this.job, run: this.folder, result, values, ...(model && { model }) };
  }
}
