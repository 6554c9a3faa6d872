/**
 * Time of one training step of the two networks of the proof of concept, against the proof of concept's own graphs where
 * its code is at hand: same machine, same run, turn by turn, so that a busy machine slows both alike.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSession, floatTensor, type Tensor } from '../../src/engine/runtime.js';
import { adamSchedule } from '../../src/graph/optimiser.js';
import { Random } from '../../src/random.js';
import { TrainingSession } from '../../src/training/training-session.js';
import { modelM, modelN, type PrototypeModel, specsOf } from './prototype-models.js';

const THREADS = 2;
const STEPS = { M: 30, N: 100 };
const WARM_UP = 5;
const RATE = 1e-3;

/** Makes one step; whatever it leaves behind is the start of the next. */
type Step = () => Promise<void>;

/** Prints ms per step, and the ratio to the proof of concept (below 1: faster than it). */
export async function bench(): Promise<void> {
  for (const model of [modelM(), modelN()]) {
    const runs = new Map<string, Step>([['this graph', await ourStep(model)]]);
    for (const lstm of ['unroll', 'scan', 'op']) {
      const step = await prototypeStep(model, lstm);
      if (step !== undefined) runs.set(`proof of concept, LSTM as ${lstm}`, step);
    }
    const medians = await turnByTurn(runs, STEPS[model.name]);
    const ours = medians.get('this graph')!;
    const others = [...medians].filter(([name]) => name !== 'this graph');
    console.log(`training step ${model.name}, ${THREADS} threads: ${ours.toFixed(1)} ms`);
    for (const [name, median] of others)
      console.log(`  ${(ours / median).toFixed(2)} times the ${name} (${median.toFixed(1)} ms)`);
    if (others.length === 0)
      console.log('  no ratio: the proof of concept is not on this machine (DENOISE_SHARED)');
  }
}

/** Median of each, in ms. */
async function turnByTurn(runs: ReadonlyMap<string, Step>, steps: number): Promise<Map<string, number>> {
  const times = new Map([...runs.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < WARM_UP + steps; round++)
    for (const [name, step] of runs) {
      const start = performance.now();
      await step();
      if (round >= WARM_UP) times.get(name)!.push(performance.now() - start);
    }
  return new Map([...times].map(([name, list]) => [name, list.sort((a, b) => a - b)[list.length >> 1]]));
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
  const { lay, batch } = model;
  const runtime = { seed: 1, threads: THREADS };
  const session = await TrainingSession.create(lay, specsOf(lay, batch), { batch }, runtime);
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

async function prototypeStep(model: PrototypeModel, lstm: string): Promise<Step | undefined> {
  const folder = resolve(process.env.DENOISE_SHARED ?? '../shared', 'prototype', 'training-graph');
  if (!existsSync(join(folder, 'models.mjs'))) return undefined;
  const load = (file: string): Promise<unknown> => import(pathToFileURL(join(folder, file)).href);
  const { buildM, buildN } = (await load('models.mjs')) as Record<'buildM' | 'buildN', BuildPrototype>;
  const { model: toBytes } = (await load('onnx.mjs')) as { model: (graph: PrototypeGraph) => Uint8Array };
  const graph = (model.name === 'M' ? buildM : buildN)({ lstm });
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bench();
