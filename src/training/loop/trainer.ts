import type { ModelVariables } from '../../nn/streaming-graph.js';
import { measureCost } from './cost.js';
import { type EachOutput, type Evaluation, Evaluator } from './evaluator.js';
import { partsOfStep, type Trainable } from './trainable.js';
import type { TrainerOptions } from './trainer-options.js';
import type { EpochEvent, StepEvent, SteppedBackEvent } from './training-events.js';
import { TrainingPolicy, type TrainingPolicyState } from './training-policy.js';
import { type Feeds, TrainingSession } from './training-session.js';
import type { TrainingState } from './training-state.js';
import { type SnapshotCounters, WeightSnapshots } from './weight-snapshots.js';

/** Counters and states of a run that are not arrays. */
interface Progress extends SnapshotCounters, TrainingPolicyState {
  step: number;
  adamStep: number;
  epochLoss: number;
  epochNorm: number;
  epochSteps: number;
}

/**
 * The loop of training: steps, and validation after every epoch. It keeps no files and prints nothing;
 * {@link Trainer.state} at any step is all that a resumed run needs to equal an unbroken one bit for bit.
 */
export class Trainer {
  readonly #policy: TrainingPolicy;
  #snapshots: WeightSnapshots;
  #step = 0;
  /** Sums over the steps of the epoch so far, and what it took. */
  #epoch: { loss: number; norm: number; steps: number; cost: ReturnType<typeof measureCost> };

  private constructor(
    private readonly task: Trainable,
    private readonly options: TrainerOptions,
    private readonly session: TrainingSession,
    private readonly evaluator: Evaluator,
  ) {
    this.#policy = new TrainingPolicy(options.schedule, this.totalSteps, options.patience);
    this.#snapshots = new WeightSnapshots(session, options.averageDecay);
    this.#epoch = { loss: 0, norm: 0, steps: 0, cost: measureCost(task) };
  }

  static async create(task: Trainable, options: TrainerOptions): Promise<Trainer> {
    const { batch, carryState, buildLoss, specs } = task;
    const { clip, lstmLayout, seed, providers, threads } = options;
    const maxFanOut = providers?.includes('webgpu') ? 14 : undefined;
    const session = await TrainingSession.create(
      [buildLoss, ...(task.otherShapes ?? [])],
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

  /** Number of the epoch that the last step belongs to, from 1. */
  get epoch(): number {
    return Math.max(1, Math.ceil(this.#step / this.task.stepsPerEpoch));
  }

  /** Patience ended the run before its last epoch. */
  get stoppedEarly(): boolean {
    return this.#policy.stopped;
  }

  get parameters(): number {
    return this.session.parameters;
  }

  get finished(): boolean {
    return this.stoppedEarly || this.#step >= this.totalSteps;
  }

  /** Weights as they would be used now: their average where one is kept. */
  variables(): ModelVariables {
    return this.#snapshots.current();
  }

  /** Weights of the epoch with the lowest validation loss. */
  get best(): ModelVariables {
    return this.#snapshots.best;
  }

  get bestLoss(): number {
    return this.#policy.bestLoss;
  }

  /** Starts from trained weights rather than from random ones. */
  startFrom({ weights, buffers }: ModelVariables): void {
    this.session.restore({ ...this.session.snapshot(), weights, buffers });
    this.#snapshots = new WeightSnapshots(this.session, this.options.averageDecay);
  }

  /**
   * Trains until the run ends or `until` says so, asked before every step.
   * @throws TrainingError `E_DIVERGED` when steps back did not help
   */
  async run(
    onEvent: (event: StepEvent | EpochEvent | SteppedBackEvent) => unknown = () => {},
    until: () => boolean = () => false,
  ): Promise<void> {
    while (!this.finished && !until()) {
      const [event, back] = await this.#oneStep();
      if (back !== undefined) onEvent(back);
      onEvent(event);
      if (this.#step % this.task.stepsPerEpoch === 0) onEvent(await this.#endEpoch());
    }
  }

  async #oneStep(): Promise<[StepEvent, SteppedBackEvent | undefined]> {
    const cost = measureCost(this.task);
    if (this.task.startsSequence?.(this.#step)) this.session.clearCarried();
    const learningRate = this.#policy.rate;
    const { loss, gradientNorm } = await this.session.step(
      await partsOfStep(this.task, this.#step),
      learningRate,
      this.options.weightDecay,
      this.task.shapeOf?.(this.#step),
    );
    const back = this.#policy.afterStep(this.#step + 1, { loss, gradientNorm });
    if (back !== undefined) {
      this.#snapshots.stepBack();
      this.session.clearCarried();
    } else {
      this.#snapshots.afterStep(this.#step);
      this.#epoch.loss += loss;
      this.#epoch.norm += gradientNorm;
      this.#epoch.steps++;
    }
    this.#step++;
    const at = { step: this.#step, epoch: this.epoch };
    return [
      { kind: 'step', ...at, trainLoss: loss, learningRate, gradientNorm, ...cost() },
      back && { kind: 'stepped back', ...at, ...back },
    ];
  }

  async #endEpoch(): Promise<EpochEvent> {
    const { epoch } = this;
    const { loss, norm, steps, cost } = this.#epoch;
    const trainLoss = loss / steps;
    const learningRate = this.#policy.rate;
    const variables = this.variables();
    const validation = await this.evaluate(this.task.validation(), variables);
    const trainingSet = this.session.random ? this.task.trainingSet?.() : undefined;
    const undropped = trainingSet && (await this.evaluate(trainingSet, variables));
    const improved = this.#policy.afterEpoch(epoch, validation?.loss ?? trainLoss);
    if (improved) this.#snapshots.keepBest(variables);
    this.#epoch = { loss: 0, norm: 0, steps: 0, cost: measureCost(this.task) };
    return {
      kind: 'epoch',
      step: this.#step,
      epoch,
      trainLoss,
      ...(validation === undefined ? {} : { validationLoss: validation.loss }),
      ...(undropped === undefined ? {} : { trainLossWithoutDropout: undropped.loss }),
      learningRate,
      gradientNorm: norm / steps,
      ...cost(),
      outputs: validation?.outputs ?? {},
      improved,
    };
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
    const kept = this.#snapshots.state();
    const progress: Progress = {
      step: this.#step,
      adamStep: step,
      epochLoss: this.#epoch.loss,
      epochNorm: this.#epoch.norm,
      epochSteps: this.#epoch.steps,
      ...this.#policy.state(),
      ...kept.counters,
    };
    const arrays: TrainingState['arrays'] = { weights, moment1, moment2, buffers, ...kept.arrays };
    for (const [name, { data }] of this.session.carried) arrays[name] = data.slice();
    return { progress: { ...progress }, arrays };
  }

  /** Goes on from {@link state}. @throws TrainingError `E_STATE_SIZE` when it belongs to another model */
  restore({ progress, arrays }: TrainingState): void {
    const p = progress as unknown as Progress;
    const { weights, moment1, moment2, buffers } = arrays;
    this.session.restore({ weights, moment1, moment2, buffers, step: p.adamStep });
    for (const [name, { data }] of this.session.carried)
      if (arrays[name] !== undefined) data.set(arrays[name]);
    this.#snapshots.restore(p, arrays);
    this.#policy.restore(p);
    this.#step = p.step;
    this.#epoch = { ...this.#epoch, loss: p.epochLoss, norm: p.epochNorm, steps: p.epochSteps };
  }

  async close(): Promise<void> {
    await this.task.close();
    await this.session.close();
    await this.evaluator.close();
  }
}
