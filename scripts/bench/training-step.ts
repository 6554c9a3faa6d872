/**
 * Time of one training step of the two networks of the proof of concept, against the proof of concept's own graphs where
 * its code is at hand: same machine, same run, turn by turn, so that a busy machine slows both alike.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSession, floatTensor, type Tensor } from '../../src/engine/runtime.js';
import { adamSchedule } from '../../src/nn/optimiser.js';
import { describeBuild } from '../../src/nn/streaming-graph.js';
import type { BuildLoss } from '../../src/nn/training-graph.js';
import { Random } from '../../src/random.js';
import { TrainingSession } from '../../src/training/loop/training-session.js';
import { type Bench, formatMeasurement, type Measurement, percentile } from './bench.js';
import { modelM, modelN, type PrototypeModel } from './prototype-models.js';

const THREADS = 2;
const STEPS = { M: 30, N: 100 };
const WARM_UP = 5;
const RATE = 1e-3;

/** Makes one step; whatever it leaves behind is the start of the next. */
type Step = () => Promise<void>;

/** The steps of both compete for the same processor: medians of equal runs were up to 4 % apart. */
const NOISE = 1.05;

export const trainingStep: Bench = {
  name: 'training-step',
  about: `one training step of models M and N, ${THREADS} threads, beside the proof of concept where it is at hand`,
  async run() {
    const measurements: Measurement[] = [];
    for (const model of [modelM(), modelN()]) {
      const steps = STEPS[model.name];
      const theirs = await prototypeStep(model);
      const [ours, reference] = await turnByTurn([await ourStep(model), ...(theirs ? [theirs] : [])], steps);
      measurements.push({ what: `model ${model.name}`, value: ours.wall, unit: 'ms' });
      if (reference === undefined) continue;
      measurements.push({
        what: `model ${model.name}, of the proof of concept's processor time`,
        value: ours.processor / reference.processor,
        unit: '×',
        promise: { atMost: NOISE },
      });
    }
    return measurements;
  },
};

/** Prints what {@link trainingStep} measures. */
export async function bench(): Promise<void> {
  for (const measurement of await trainingStep.run([])) console.log(formatMeasurement(measurement));
}

/** Medians in ms: on the clock, and of the processor, which neighbours on a busy machine disturb less. */
interface StepTime {
  wall: number;
  processor: number;
}

async function turnByTurn(runs: readonly Step[], steps: number): Promise<StepTime[]> {
  const times = runs.map(() => ({ wall: [] as number[], processor: [] as number[] }));
  for (let round = 0; round < WARM_UP + steps; round++)
    for (const [i, step] of runs.entries()) {
      const start = performance.now();
      const before = process.cpuUsage();
      await step();
      const { user, system } = process.cpuUsage(before);
      if (round < WARM_UP) continue;
      times[i].wall.push(performance.now() - start);
      times[i].processor.push((user + system) / 1000);
    }
  return times.map(({ wall, processor }) => ({
    wall: percentile(wall, 0.5),
    processor: percentile(processor, 0.5),
  }));
}

function inputsOf({
  x,
  y,
}: PrototypeModel): Record<'x' | 'y', { data: Float32Array; dims: readonly number[] }> {
  const random = new Random(1);
  const fill = (dims: readonly number[]) => ({
    data: Float32Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, () => random.uniform(-0.5, 0.5)),
    dims,
  });
  return { x: fill(x), y: fill(y) };
}

async function ourStep(model: PrototypeModel): Promise<Step> {
  const { batch } = model;
  // The loss alone, as the proof of concept gives: an estimate fetched every step is a copy more.
  const buildLoss: BuildLoss = (b) => {
    const built = model.buildLoss(b);
    return 'loss' in built ? built.loss : built;
  };
  const runtime = { seed: 1, threads: THREADS };
  const session = await TrainingSession.create(
    buildLoss,
    describeBuild(batch, buildLoss),
    { batch },
    runtime,
  );
  const random = new Random(2);
  const { weights } = session.state;
  for (let i = 0; i < weights.length; i++) weights[i] = random.uniform(-0.05, 0.05);
  const feeds = inputsOf(model);
  return async () => {
    await session.step(feeds, RATE);
  };
}

/** The proof of concept's builder, as far as it is used here. */
interface PrototypeGraph {
  /** Number of weights. */
  P: number;
}
type BuildPrototype = (options: { lstm: string }) => PrototypeGraph;

async function prototypeStep(model: PrototypeModel): Promise<Step | undefined> {
  const folder = resolve(process.env.DENOISE_SHARED ?? '../shared', 'prototype', 'training-graph');
  if (!existsSync(join(folder, 'models.mjs'))) return undefined;
  const load = (file: string): Promise<unknown> => import(pathToFileURL(join(folder, file)).href);
  const { buildM, buildN } = (await load('models.mjs')) as Record<'buildM' | 'buildN', BuildPrototype>;
  const { model: toBytes } = (await load('onnx.mjs')) as { model: (graph: PrototypeGraph) => Uint8Array };
  const graph = (model.name === 'M' ? buildM : buildN)({ lstm: 'scan' });
  const session = await createSession(toBytes(graph), { threads: THREADS });
  const random = new Random(2);
  const vector = (fill: () => number): Tensor =>
    floatTensor(Float32Array.from({ length: graph.P }, fill), [graph.P]);
  const zeros = (): Tensor => vector(() => 0);
  let now = { w: vector(() => random.uniform(-0.05, 0.05)), m: zeros(), v: zeros() };
  let next = { w: zeros(), m: zeros(), v: zeros() };
  const { x, y } = inputsOf(model);
  const feeds = { x: floatTensor(x.data, x.dims), y: floatTensor(y.data, y.dims) };
  let step = 0;
  return async () => {
    step++;
    const hyp = floatTensor(adamSchedule(step, RATE).slice(0, 2), [2]);
    await session.run(
      { ...feeds, ...now, hyp },
      { w_: next.w, m_: next.m, v_: next.v, loss: null, gn: null },
    );
    [now, next] = [next, now];
  };
}
