import { TrainingError } from '../errors.js';
import type { ModelVariables } from '../graph/streaming-graph.js';
import { type EachOutput, type Evaluation, Evaluator } from './evaluator.js';
import { createSchedule } from './schedule/create-schedule.js';
import { EarlyStopping, type EarlyStoppingState } from './schedule/early-stopping.js';
import { type EmaState, WeightAverage } from './schedule/ema.js';
import { allFinite, NanGuard, type NanGuardState } from './schedule/nan-guard.js';
import type { LearningRateSchedule, ScheduleState } from './schedule/schedule.js';
import type { TrainingTask } from './task.js';
import type { TrainerEvents, TrainerOptions } from './trainer-options.js';
import { type Feeds, type OptimiserState, TrainingSession } from './training-session.js';
import type { TrainingState } from './training-state.js';

export type { TrainerEvents, TrainerOptions } from './trainer-options.js';

/** Counters and states of a run that are not arrays. */
interface Progress {
  step: number;
  adamStep: number;
  epochLoss: number;
  epochNorm: number;
  epochSteps: number;
  stopped: boolean;
  schedule: ScheduleState;
  stopping: EarlyStoppingState;
  guard: NanGuardState;
  averageUpdates: number;
  goodStep: number;
  goodAverageUpdates: number;
}

const OPTIMISER_ARRAYS = ['weights', 'moment1', 'moment2', 'buffers'] as const;

/** Steps between copies of the weights that a NaN steps back to. */
const GOOD_COPY_INTERVAL = 50;

/**
 * The loop of training: step, schedule, average of weights, validation, early stopping, and a step back when numbers stop
 * being finite. It keeps no files and prints nothing; {@link Trainer.state} at any step is all that a resumed run needs to
 * equal an unbroken one bit for bit.
 */
export class Trainer {
  readonly #schedule: LearningRateSchedule;
  readonly #stopping: EarlyStopping;
  readonly #guard = new NanGuard();
  #average: WeightAverage | undefined;
  #best: ModelVariables;
  #good: OptimiserState;
  #goodAverage: EmaState | undefined;
  #step = 0;
  #stopped = false;
  #epoch = { loss: 0, norm: 0, steps: 0, startedAt: performance.now(), waitedAt: 0 };

  private constructor(
    private readonly task: TrainingTask,
    private readonly options: TrainerOptions,
    private readonly session: TrainingSession,
    private readonly evaluator: Evaluator,
  ) {
    this.#schedule = createSchedule(options.schedule, options.epochs * task.stepsPerEpoch);
    this.#stopping = new EarlyStopping(options.patience ?? Number.POSITIVE_INFINITY);
    this.#average = options.averageDecay
      ? new WeightAverage(session.state.weights, options.averageDecay)
      : undefined;
    this.#good = session.snapshot();
    this.#best = this.variables();
  }

  static async create(task: TrainingTask, options: TrainerOptions): Promise<Trainer> {
    const { batch, carryState, lay, specs } = task;
    const { clip, lstmLayout, seed, providers, threads } = options;
    const maxFanOut = providers?.includes('webgpu') ? 14 : undefined;
    const session = await TrainingSession.create(
      [lay, ...(task.otherShapes ?? [])],
      specs,
      { batch, carryState, clip, lstmLayout, maxFanOut, accumulate: task.accumulate },
      { seed, providers, threads },
    );
    const evaluator = await Evaluator.create(task, { providers, threads, maxFanOut });
    return new Trainer(task, options, session, evaluator);
  }

  /** Steps made. */
  get step(): number {
    return this.#step;
  }

  get totalSteps(): number {
    return this.options.epochs * this.task.stepsPerEpoch;
  }

  get stepsPerEpoch(): number {
    return this.task.stepsPerEpoch;
  }

  /** Patience ended the run before its last epoch. */
  get stoppedEarly(): boolean {
    return this.#stopped;
  }

  get parameters(): number {
    return this.session.parameters;
  }

  get finished(): boolean {
    return this.#stopped || this.#step >= this.totalSteps;
  }

  /** Weights as they would be used now: their average where one is kept. */
  variables(): ModelVariables {
    const { weights, buffers } = this.session.state;
    return { weights: (this.#average?.weights ?? weights).slice(), buffers: buffers.slice() };
  }

  /** Weights of the epoch with the lowest validation loss. */
  get best(): ModelVariables {
    return this.#best;
  }

  get bestLoss(): number {
    return this.#stopping.best;
  }

  /** Starts from trained weights rather than from random ones. */
  startFrom({ weights, buffers }: ModelVariables): void {
    this.session.restore({ ...this.session.snapshot(), weights, buffers });
    if (this.#average !== undefined) this.#average = new WeightAverage(weights, this.options.averageDecay);
    this.#good = this.session.snapshot();
    this.#best = this.variables();
  }

  /**
   * Trains until the run ends or `until` says so, after a step.
   * @throws TrainingError `E_DIVERGED` when steps back did not help
   */
  async run(events: TrainerEvents = {}, until: () => boolean = () => false): Promise<void> {
    while (!this.finished) {
      await this.#oneStep(events);
      if (this.#step % this.task.stepsPerEpoch === 0) await this.#endEpoch(events);
      if (until()) return;
    }
  }

  async #oneStep(events: TrainerEvents): Promise<void> {
    const started = performance.now();
    const waitedBefore = this.task.waitedMs?.() ?? 0;
    const parts: Feeds[] = [];
    for (let part = 0; part < (this.task.accumulate ?? 1); part++)
      parts.push(await this.task.feeds(this.#step, part));
    if (this.task.startsSequence?.(this.#step)) this.session.clearCarried();
    const learningRate = this.#schedule.rate;
    const { loss, gradientNorm } = await this.session.step(
      parts,
      learningRate,
      this.options.weightDecay,
      this.task.shapeOf?.(this.#step),
    );
    const verdict = this.#guard.inspect({ loss, gradientNorm });
    if (verdict.action === 'give up')
      throw new TrainingError(
        'E_DIVERGED',
        `Training diverged at step ${this.#step + 1}: ${verdict.reason}.`,
        {
          hint: `Start again with a lower learning rate, such as ${(learningRate / 10).toPrecision(2)}.`,
        },
      );
    if (verdict.action === 'step back') {
      this.session.restore(this.#good);
      this.session.clearCarried();
      if (this.#goodAverage !== undefined) this.#average?.restore(this.#goodAverage);
      this.#schedule.scale(verdict.rateFactor);
      events.warning?.(
        `${verdict.reason} at step ${this.#step + 1}: back to the last good weights, rate × ${verdict.rateFactor}`,
      );
    } else {
      this.#average?.update(this.session.state.weights);
      if (this.#step % GOOD_COPY_INTERVAL === 0) this.#keepGoodCopy();
      this.#epoch.loss += loss;
      this.#epoch.norm += gradientNorm;
      this.#epoch.steps++;
    }
    this.#schedule.afterStep();
    this.#step++;
    const milliseconds = performance.now() - started;
    events.step?.({
      kind: 'step',
      step: this.#step,
      epoch: Math.ceil(this.#step / this.task.stepsPerEpoch),
      trainLoss: loss,
      learningRate,
      gradientNorm,
      seconds: milliseconds / 1000,
      rssMB: process.memoryUsage.rss() / 1e6,
      loaderShare: ((this.task.waitedMs?.() ?? 0) - waitedBefore) / milliseconds,
    });
  }

  #keepGoodCopy(): void {
    if (!allFinite(this.session.state.weights)) return;
    this.#good = this.session.snapshot();
    this.#goodAverage = this.#average?.state();
  }

  async #endEpoch(events: TrainerEvents): Promise<void> {
    const epoch = this.#step / this.task.stepsPerEpoch;
    const { loss: sum, norm, steps, startedAt, waitedAt } = this.#epoch;
    const trainLoss = sum / steps;
    const learningRate = this.#schedule.rate;
    const variables = this.variables();
    const validation = await this.evaluate(this.task.validation(), variables);
    const trainingSet = this.session.random ? this.task.trainingSet?.() : undefined;
    const undropped = trainingSet && (await this.evaluate(trainingSet, variables));
    const judged = validation?.loss ?? trainLoss;
    this.#schedule.afterEpoch(judged);
    const { improved, stop } = this.#stopping.update(epoch, judged);
    if (improved) this.#best = variables;
    this.#stopped = stop;
    const milliseconds = performance.now() - startedAt;
    const waited = this.task.waitedMs?.() ?? 0;
    this.#epoch = { loss: 0, norm: 0, steps: 0, startedAt: performance.now(), waitedAt: waited };
    events.epoch?.({
      kind: 'epoch',
      step: this.#step,
      epoch,
      trainLoss,
      ...(validation === undefined ? {} : { validationLoss: validation.loss }),
      ...(undropped === undefined ? {} : { trainLossWithoutDropout: undropped.loss }),
      learningRate,
      gradientNorm: norm / steps,
      seconds: milliseconds / 1000,
      rssMB: process.memoryUsage.rss() / 1e6,
      loaderShare: (waited - waitedAt) / milliseconds,
      outputs: validation?.outputs ?? {},
      improved,
    });
  }

  /** The task's losses over a set of inputs. Default weights: those of the best epoch. */
  evaluate(
    set: AsyncIterable<Feeds> | Iterable<Feeds>,
    variables: ModelVariables = this.best,
    each?: EachOutput,
  ): Promise<Evaluation | undefined> {
    return this.evaluator.evaluate(set, variables, each);
  }

  /** Everything a later process needs to go on. */
  state(): TrainingState {
    const { weights, moment1, moment2, buffers, step } = this.session.snapshot();
    const average = this.#average?.state();
    const progress: Progress = {
      step: this.#step,
      adamStep: step,
      epochLoss: this.#epoch.loss,
      epochNorm: this.#epoch.norm,
      epochSteps: this.#epoch.steps,
      stopped: this.#stopped,
      schedule: this.#schedule.state(),
      stopping: this.#stopping.state(),
      guard: this.#guard.state(),
      averageUpdates: average?.updates ?? 0,
      goodStep: this.#good.step,
      goodAverageUpdates: this.#goodAverage?.updates ?? 0,
    };
    const arrays: Record<string, Float32Array> = { weights, moment1, moment2, buffers };
    arrays['best.weights'] = this.#best.weights;
    arrays['best.buffers'] = this.#best.buffers;
    if (average !== undefined) arrays.average = average.average;
    for (const [name, { data }] of this.session.carried) arrays[name] = data.slice();
    // A step back after a resume must lead to where it would have led without one.
    for (const name of OPTIMISER_ARRAYS) arrays[`good.${name}`] = this.#good[name];
    if (this.#goodAverage !== undefined) arrays['good.average'] = this.#goodAverage.average;
    return { progress: { ...progress }, arrays };
  }

  /** Goes on from {@link state}. @throws TrainingError `E_STATE_SIZE` when it belongs to another model */
  restore({ progress, arrays }: TrainingState): void {
    const p = progress as unknown as Progress;
    const { weights, moment1, moment2, buffers } = arrays;
    this.session.restore({ weights, moment1, moment2, buffers, step: p.adamStep });
    for (const [name, { data }] of this.session.carried)
      if (arrays[name] !== undefined) data.set(arrays[name]);
    if (this.#average !== undefined && arrays.average !== undefined)
      this.#average.restore({ updates: p.averageUpdates, average: arrays.average });
    this.#best = { weights: arrays['best.weights'], buffers: arrays['best.buffers'] };
    const [w, m1, m2, b] = OPTIMISER_ARRAYS.map((name) => arrays[`good.${name}`]);
    this.#good = { weights: w, moment1: m1, moment2: m2, buffers: b, step: p.goodStep };
    if (arrays['good.average'] !== undefined)
      this.#goodAverage = { updates: p.goodAverageUpdates, average: arrays['good.average'] };
    this.#schedule.restore(p.schedule);
    this.#stopping.restore(p.stopping);
    this.#guard.restore(p.guard);
    this.#step = p.step;
    this.#stopped = p.stopped;
    this.#epoch = { ...this.#epoch, loss: p.epochLoss, norm: p.epochNorm, steps: p.epochSteps };
  }

  async close(): Promise<void> {
    await this.task.close();
    await this.session.close();
    await this.evaluator.close();
  }
}
