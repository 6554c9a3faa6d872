import { createSession, floatTensor } from '../../src/engine/runtime.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import type { VariableSpec } from '../../src/nn/model-builder.js';
import { adamSchedule } from '../../src/nn/optimiser.js';
import { type BuildLoss, type TrainingGraphOptions, trainingGraph } from '../../src/nn/training-graph.js';

type Feeds = Record<string, { data: Float32Array; dims: readonly number[] }>;

export interface TrainingRun {
  losses: number[];
  gradientNorms: number[];
  /** Of the first step, before clipping. */
  gradient: Float32Array;
  /** What the graph gave besides, in the first step. */
  outputs: Record<string, Float32Array>;
}

/** Trains for some steps on one batch in a bare session, with the gradient shown. */
export async function trainOnOneBatch(
  buildLoss: BuildLoss,
  specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] },
  start: { weights: Float32Array; buffers?: Float32Array },
  feeds: Feeds,
  run: { steps: number; rate: number; weightDecay?: number; threads?: number },
  options: TrainingGraphOptions,
): Promise<TrainingRun> {
  const graph = trainingGraph(buildLoss, specs, { ...options, showGradient: true });
  const session = await createSession(writeOnnx(toModel(graph)), { threads: run.threads ?? 1 });
  let { weights, buffers } = start;
  let moment1: Float32Array = new Float32Array(weights.length);
  let moment2: Float32Array = new Float32Array(weights.length);
  const result: TrainingRun = { losses: [], gradientNorms: [], gradient: new Float32Array(0), outputs: {} };
  for (let step = 1; step <= run.steps; step++) {
    const size = [weights.length];
    const outputs = await session.run({
      ...Object.fromEntries(
        Object.entries(feeds).map(([name, { data, dims }]) => [name, floatTensor(data, dims)]),
      ),
      weights: floatTensor(weights, size),
      moment1: floatTensor(moment1, size),
      moment2: floatTensor(moment2, size),
      schedule: floatTensor(adamSchedule(step, run.rate, run.weightDecay), [3]),
      ...(buffers === undefined ? {} : { buffers: floatTensor(buffers, [buffers.length]) }),
    });
    const numbers = (name: string): Float32Array => outputs[name].data as Float32Array;
    if (step === 1) {
      result.gradient = numbers('gradient');
      for (const name of session.outputNames) result.outputs[name] = numbers(name);
    }
    result.losses.push(numbers('loss')[0]);
    result.gradientNorms.push(numbers('gradientNorm')[0]);
    [weights, moment1, moment2] = ['weights.next', 'moment1.next', 'moment2.next'].map(numbers);
    if (buffers !== undefined) buffers = numbers('buffers.next');
  }
  await session.release();
  return result;
}

/** ‖a − b‖ / ‖b‖ */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(difference / size);
}
