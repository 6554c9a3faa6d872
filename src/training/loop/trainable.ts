import type { VariableSpec } from '../../nn/model-builder.js';
import type { BuildLoss } from '../../nn/training-graph.js';
import type { Feeds } from './training-session.js';

/** What is trained and on what: the trainer knows nothing else of a task. */
export interface Trainable {
  /** For run folders and messages. */
  readonly name: string;
  readonly batch: number;
  /** Batch of evaluation, where it is another. Default: {@link batch}. */
  readonly evaluationBatch?: number;
  /** Weights and buffers that `buildLoss` declares, in its order. */
  readonly specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] };
  /** Lays inputs, model and loss. The graph's output `loss` is what is minimised; others are means worth showing. */
  readonly buildLoss: BuildLoss;
  /** Further shapes of the inputs that are trained on; {@link buildLoss} is the one that is evaluated. Default none. */
  readonly otherShapes?: readonly BuildLoss[];
  /** Parts of a step, whose gradients are averaged. Default 1. */
  readonly accumulate?: number;
  /** Whether recurrent state is carried, detached, from step to step. Default false. */
  readonly carryState?: boolean;
  /** Steps that make an epoch: after each, validation, schedule and early stopping. */
  readonly stepsPerEpoch: number;
  /** Inputs of one part (default 0) of a step; both count from 0. The same for the same step, whatever came before. */
  feeds(step: number, part?: number): Promise<Feeds>;
  /** Shape of a step's inputs: 0 is {@link buildLoss}, 1 the first of {@link otherShapes}. Default 0. */
  shapeOf?(step: number): number;
  /** With carried state: whether the state starts from zero at this step. */
  startsSequence?(step: number): boolean;
  /** Inputs of the validation set, in order; empty without validation. */
  validation(): AsyncIterable<Feeds> | Iterable<Feeds>;
  /** Inputs that are trained on, as far as it is worth evaluating them without dropout. */
  trainingSet?(): AsyncIterable<Feeds> | Iterable<Feeds>;
  /** Share of the training time that was spent waiting for data so far, in milliseconds. */
  waitedMs?(): number;
  close(): Promise<void>;
}

/** Inputs of all parts of a step, in order. */
export async function partsOfStep(task: Trainable, step: number): Promise<Feeds[]> {
  const parts: Feeds[] = [];
  for (let part = 0; part < (task.accumulate ?? 1); part++) parts.push(await task.feeds(step, part));
  return parts;
}
