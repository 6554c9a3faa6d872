/**
 * Trains a small LSTM on the frequency task the right way and in wrong ways, and keeps the metrics as fixtures of the training
 * doctor: `node dist/scripts/record-training-curves.js FOLDER`. The runs use the real training-step graph and the
 * real schedules; only their length is cut so that all of them take a few minutes on two cores.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '../src/threads/no-telemetry.js';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { linearLayer, lstmLayer } from '../models/layers.js';
import { Graph } from '../src/graph/graph.js';
import { writeOnnx } from '../src/graph/onnx/write.js';
import { mse } from '../src/nn/losses/loss.js';
import { initialVector, ModelBuilder, stateZeros } from '../src/nn/model-builder.js';
import { adamSchedule } from '../src/nn/optimiser.js';
import { type BuildLoss, trainingGraph } from '../src/nn/training-graph.js';
import { Random } from '../src/random.js';
import { type EpochEvent, formatEvent } from '../src/training/loop/training-events.js';
import { PlateauSchedule } from '../src/training/schedule/plateau.js';

type Feeds = InferenceSession.OnnxValueMapType;

const SAMPLE_RATE = 1000;
/** Hz. Periods of 143 to 1000 samples: hard for chunks of 50. */
const LOW = [1, 3, 5, 7] as const;
/** Hz. Periods of 14 to 100 samples, so that a chunk of 50 holds half a period at least. */
const HIGH = [10, 30, 50, 70] as const;

interface Recipe {
  tones: readonly number[];
  lr: number;
  epochs: number;
  hidden: number;
  length: number;
  /** Samples of the training signal. */
  samples: number;
  /** Peak of the white noise on the mixture. */
  noise: number;
  /** From this epoch on one sample of the data is NaN. */
  damagedFrom?: number;
}

const USUAL: Recipe = {
  tones: LOW,
  lr: 2e-3,
  epochs: 40,
  hidden: 64,
  length: 50,
  samples: 10_000,
  noise: 0.1,
};

const RECIPES: Record<string, Recipe> = {
  good: { ...USUAL, tones: HIGH },
  'late-jump': USUAL,
  'too-fast': { ...USUAL, lr: 0.1, epochs: 20 },
  'far-too-fast': { ...USUAL, lr: 1, epochs: 12 },
  'too-slow': { ...USUAL, lr: 1e-6, epochs: 16 },
  'over-fitted': { ...USUAL, lr: 3e-3, epochs: 60, samples: 500, noise: 1 },
  'damaged-data': { ...USUAL, epochs: 8, hidden: 32, samples: 5_000, damagedFrom: 6 },
};

/** Four rows `[4, samples]`, one per selected frequency: the same mixture, another target. */
function makeData(
  { tones, samples, noise }: Recipe,
  seed: number,
): { mixture: Float32Array; targets: Float32Array } {
  const random = new Random(seed);
  const mixture = new Float32Array(samples);
  const targets = new Float32Array(4 * samples);
  tones.forEach((frequency, row) => {
    for (let t = 0; t < samples; t++) {
      const angle = (2 * Math.PI * frequency * t) / SAMPLE_RATE;
      const phase = random.uniform(-0.1, 0.1) * Math.PI;
      mixture[t] += (random.uniform(0.8, 1.2) * Math.sin(angle + phase)) / tones.length;
      targets[row * samples + t] = Math.sin(angle);
    }
  });
  for (let t = 0; t < samples; t++) mixture[t] += random.uniform(-noise, noise);
  return { mixture, targets };
}

/** Inputs `[4, length, 5]` (sample and one-hot selector) and targets `[4, length, 1]` of one chunk. */
function chunk(data: ReturnType<typeof makeData>, start: number, length: number) {
  const samples = data.mixture.length;
  const input = new Float32Array(4 * length * 5);
  const target = new Float32Array(4 * length);
  for (let row = 0; row < 4; row++) {
    for (let t = 0; t < length; t++) {
      const at = row * length + t;
      input[at * 5] = data.mixture[start + t];
      input[at * 5 + 1 + row] = 1;
      target[at] = data.targets[row * samples + start + t];
    }
  }
  return {
    input: new OrtTensor('float32', input, [4, length, 5]),
    target: new OrtTensor('float32', target, [4, length, 1]),
  };
}

function lossOf({ hidden, length }: Recipe): BuildLoss {
  return (builder) => {
    const input = builder.graph.input('input', [4, length, 5]);
    const target = builder.graph.input('target', [4, length, 1]);
    return mse(linearLayer(builder, 'out', lstmLayer(builder, 'lstm', input, hidden), 1), target);
  };
}

async function record(recipe: Recipe, seed: number): Promise<EpochEvent[]> {
  const buildLoss = lossOf(recipe);
  const scratch = new Graph();
  const specs = new ModelBuilder(scratch, {
    mode: 'training',
    batch: 4,
    variables: {
      weight: ({ shape }) => scratch.full(shape, 0),
      buffer: ({ shape }) => scratch.full(shape, 0),
    },
    initialState: stateZeros,
  });
  buildLoss(specs);
  const graph = trainingGraph(buildLoss, specs, { batch: 4, carryState: true });
  const model = writeOnnx({
    irVersion: 8,
    opset: 17,
    producer: 'denoise',
    graph: graph.toOnnx('step'),
    metadata: {},
  });
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const parameters = initialVector(specs.weights, seed);
  const vector = (values: Float32Array) => new OrtTensor('float32', values, [values.length]);
  let learnt: Feeds = {
    weights: vector(parameters),
    moment1: vector(new Float32Array(parameters.length)),
    moment2: vector(new Float32Array(parameters.length)),
  };
  const noStates = () =>
    Object.fromEntries(
      specs.states.map(({ name, shape }) => [
        name,
        new OrtTensor('float32', new Float32Array(4 * shape.reduce((a, b) => a * b, 1)), [4, ...shape]),
      ]),
    );
  const schedule = new PlateauSchedule({ initial: recipe.lr, patience: 5 });
  const train = makeData(recipe, seed);
  const unseen = makeData(recipe, seed + 1);
  let step = 0;

  /** One pass with the state carried from chunk to chunk; weights are kept only when learning. */
  async function pass(data: ReturnType<typeof makeData>, learning: boolean) {
    let states: Feeds = noStates();
    let loss = 0;
    let norm = 0;
    const chunks = Math.floor(recipe.samples / recipe.length);
    for (let i = 0; i < chunks; i++) {
      const rates = adamSchedule(learning ? ++step : 1, learning ? schedule.rate : 0);
      const { input, target } = chunk(data, i * recipe.length, recipe.length);
      const out = await session.run({ ...learnt, ...states, input, target, schedule: vector(rates) });
      loss += (out.loss.data[0] as number) / chunks;
      norm += (out.gradientNorm.data[0] as number) / chunks;
      const next = (name: string) => out[`${name}.next`] as OrtTensor;
      states = Object.fromEntries(specs.states.map(({ name }) => [name, next(name)]));
      if (learning) learnt = Object.fromEntries(Object.keys(learnt).map((name) => [name, next(name)]));
    }
    return { loss, norm };
  }

  const records: EpochEvent[] = [];
  for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
    const started = performance.now();
    if (epoch === recipe.damagedFrom) train.mixture[recipe.samples >> 1] = Number.NaN;
    const learningRate = schedule.rate;
    const { loss: trainLoss, norm: gradientNorm } = await pass(train, true);
    const { loss: validationLoss } = await pass(unseen, false);
    schedule.afterEpoch(validationLoss);
    records.push({
      kind: 'epoch',
      step,
      epoch,
      trainLoss,
      validationLoss,
      learningRate,
      gradientNorm,
      seconds: Math.round(performance.now() - started) / 1000,
      rssMB: Math.round(process.memoryUsage().rss / 1e6),
      loaderShare: 0,
    });
  }
  await session.release();
  return records;
}

const folder = process.argv[2];
if (folder === undefined) {
  console.error('Usage: node dist/scripts/record-training-curves.js FOLDER [NAME…]');
  process.exitCode = 2;
} else {
  const wanted = process.argv.slice(3);
  mkdirSync(folder, { recursive: true });
  for (const [name, recipe] of Object.entries(RECIPES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const records = await record(recipe, 1);
    writeFileSync(join(folder, `${name}.jsonl`), records.map(formatEvent).join(''));
    const losses = records.map(({ trainLoss }) => trainLoss.toPrecision(3)).join(' ');
    console.log(`${name}: ${losses}; unseen ${records.at(-1)?.validationLoss?.toPrecision(3)}`);
  }
}
