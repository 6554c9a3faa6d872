import {
  createSession,
  floatTensor,
  type InferenceSession,
  type RuntimeOptions,
  type Tensor,
} from '../../engine/runtime.js';
import { toModel } from '../../graph/onnx/envelope.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { count } from '../../nn/model-builder.js';
import type { ModelVariables } from '../../nn/streaming-graph.js';
import { evaluationGraph } from '../../nn/training-graph.js';
import type { Trainable } from './trainable.js';
import type { Feeds } from './training-session.js';

export interface Evaluation {
  /** Mean over the batches. */
  loss: number;
  /** Means of the task's scalar outputs. */
  outputs: Record<string, number>;
}

/** Called with every output of every batch. */
export type EachOutput = (outputs: Readonly<Record<string, Float32Array>>) => void;

/** The loss of a task without training it: dropout off, running statistics. */
export class Evaluator {
  private constructor(
    private readonly session: InferenceSession,
    private readonly states: readonly { name: string; dims: readonly number[] }[],
  ) {}

  static async create(
    { batch, evaluationBatch = batch, carryState, buildLoss, specs }: Trainable,
    { maxFanOut, ...runtime }: RuntimeOptions & { maxFanOut?: number },
  ): Promise<Evaluator> {
    const graph = evaluationGraph(buildLoss, specs, { batch: evaluationBatch, carryState, maxFanOut });
    const states = graph.inputs
      .filter(({ name }) => name.startsWith('state.'))
      .map(({ name, dims }) => ({ name, dims: dims as number[] }));
    return new Evaluator(await createSession(writeOnnx(toModel(graph)), runtime), states);
  }

  /** Means over a set of inputs, in order; carried state starts at zero. `undefined` for an empty set. */
  async evaluate(
    set: AsyncIterable<Feeds> | Iterable<Feeds>,
    variables: ModelVariables,
    each?: EachOutput,
  ): Promise<Evaluation | undefined> {
    const totals: Record<string, number> = {};
    const carried: Record<string, Tensor> = {};
    for (const { name, dims } of this.states)
      carried[name] = floatTensor(new Float32Array(count(dims)), dims);
    let batches = 0;
    for await (const feeds of set) {
      const results = await this.session.run({ ...this.#inputs(variables, feeds), ...carried });
      for (const name of Object.keys(carried)) carried[name] = results[`${name}.next`] as Tensor;
      const outputs: Record<string, Float32Array> = {};
      for (const [name, value] of Object.entries(results)) {
        if (name.startsWith('state.')) continue;
        outputs[name] = value.data as Float32Array;
        if (value.dims.length === 0) totals[name] = (totals[name] ?? 0) + outputs[name][0];
      }
      each?.(outputs);
      batches++;
    }
    if (batches === 0) return undefined;
    const means = Object.fromEntries(Object.entries(totals).map(([name, sum]) => [name, sum / batches]));
    const { loss, ...outputs } = means;
    return { loss, outputs };
  }

  #inputs({ weights, buffers }: ModelVariables, feeds: Feeds): Record<string, Tensor> {
    const inputs: Record<string, Tensor> = { weights: floatTensor(weights, [weights.length]) };
    if (this.session.inputNames.includes('buffers')) inputs.buffers = floatTensor(buffers, [buffers.length]);
    for (const [name, { data, dims }] of Object.entries(feeds)) inputs[name] = floatTensor(data, dims);
    return inputs;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
