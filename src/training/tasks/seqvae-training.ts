import { decodeFrames, encodeFrames, type SeqvaeConfig, seqvae } from '../../../models/seqvae.js';
import { createSession, floatTensor } from '../../engine/runtime.js';
import { TrainingError } from '../../errors.js';
import type { Tensor } from '../../graph/graph.js';
import { toModel } from '../../graph/onnx/envelope.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { add, exp, mul, offset, scale, square, sub } from '../../graph/ops/elementwise.js';
import { mean } from '../../graph/ops/mean.js';
import { gaussianNoise } from '../../graph/ops/noise.js';
import { mse } from '../../nn/losses/loss.js';
import { count, type ModelBuilder } from '../../nn/model-builder.js';
import {
  describeBuild,
  describeModel,
  type ModelDescription,
  type ModelVariables,
} from '../../nn/streaming-graph.js';
import { evaluationGraph } from '../../nn/training-graph.js';
import { Random } from '../../random.js';
import { type BandFrames, bandStatistics } from '../data/noise-bands.js';
import type { Trainable } from '../loop/trainable.js';
import type { Feeds } from '../loop/training-session.js';

/** Deviation of the Gaussian noise on the frames that are to be given back. */
const TARGET_NOISE = 0.01;

/** Weight of the divergence in an epoch, from 0: 0.007 at first, 0.5 at epoch 500, 1 in the end (the guide's tanh). */
export const divergenceWeight = (epoch: number): number => 0.5 * (Math.tanh(epoch / 200 - 2.5) + 1);

export interface SeqvaeTrainingOptions {
  config: SeqvaeConfig;
  /** Recordings to learn from, at least `config.frames` frames each. */
  recordings: readonly BandFrames[];
  /** Recordings to validate on; none by default. */
  validation?: readonly BandFrames[];
  /** Sequences per step. The guide found 256 good and smaller ones poor. */
  batch: number;
  stepsPerEpoch: number;
  seed: number;
}

/** The task, and what makes a generator of what it learnt. */
export interface SeqvaeTraining extends Trainable {
  /**
   * Weights and buffers of the `seqvae` family: the decoder, the spectrum's statistics and those of the codes that the
   * recordings have.
   */
  generator(learnt: ModelVariables): Promise<ModelVariables>;
}

/** @throws TrainingError `E_TOO_SHORT` when no recording is as long as a sequence */
export function seqvaeTraining(options: SeqvaeTrainingOptions): SeqvaeTraining {
  const { config, batch, stepsPerEpoch, seed } = options;
  const usable = options.recordings.filter(({ frames }) => frames >= config.frames);
  if (usable.length === 0)
    throw new TrainingError('E_TOO_SHORT', `No recording has ${config.frames} frames.`, {
      hint: 'Record for longer, or set fewer frames.',
    });
  const statistics = bandStatistics(usable);
  const dims = [batch, config.frames, config.bands];
  const feedsOf = (recordings: readonly BandFrames[], random: Random, epoch: number): Feeds => ({
    frames: { data: drawSequences(recordings, statistics, dims, random), dims },
    divergenceWeight: { data: Float32Array.of(divergenceWeight(epoch)), dims: [] },
  });
  const held = (options.validation ?? []).filter(({ frames }) => frames >= config.frames);
  const specs = describeLoss(config, dims);
  return {
    name: 'seqvae',
    batch,
    specs,
    buildLoss: (b) => buildLoss(b, config, dims),
    stepsPerEpoch,
    feeds: async (step) => feedsOf(usable, new Random(seed, step), Math.floor(step / stepsPerEpoch)),
    // The weight of the last epoch, so that losses of all epochs compare.
    validation: () =>
      held.length === 0 ? [] : [0, 1].map((i) => feedsOf(held, new Random(seed, -1 - i), Infinity)),
    generator: (learnt) =>
      generatorOf(learnt, config, dims, specs, statistics, (i) =>
        feedsOf(usable, new Random(seed, -100 - i), 0),
      ),
    close: async () => {},
  };
}

/** Stretches of `dims[1]` frames from anywhere, standardised: `[batch, frames, bands]`. */
function drawSequences(
  recordings: readonly BandFrames[],
  { mean, deviation }: { mean: Float32Array; deviation: Float32Array },
  [batch, frames, bands]: readonly number[],
  random: Random,
): Float32Array {
  const sequences = new Float32Array(batch * frames * bands);
  const starts = recordings.map((recording) => recording.frames - frames + 1);
  const total = starts.reduce((a, b) => a + b, 0);
  for (let row = 0; row < batch; row++) {
    let start = random.integer(total);
    let which = 0;
    while (start >= starts[which]) start -= starts[which++];
    const { logPower } = recordings[which];
    for (let i = 0; i < frames * bands; i++) {
      const band = i % bands;
      sequences[row * frames * bands + i] = (logPower[start * bands + i] - mean[band]) / deviation[band];
    }
  }
  return sequences;
}

function buildLoss(b: ModelBuilder, config: SeqvaeConfig, dims: readonly number[]) {
  const g = b.graph;
  const frames = g.input('frames', dims);
  const code = encodeFrames(b, frames, config);
  let z = code.mean;
  let target = frames;
  if (b.training) {
    const draw = (shape: readonly number[]): Tensor => {
      const { seed, site } = b.noiseSite();
      return gaussianNoise(seed, site, shape);
    };
    z = add(z, mul(exp(scale(code.logVariance, 0.5)), draw([dims[0], config.latent])));
    target = add(target, scale(draw(dims), TARGET_NOISE));
  }
  const reconstruction = mse(decodeFrames(b, z, dims[1], config), target);
  // KL(N(mean, variance) ‖ N(0, 1)), as a mean over the numbers of the code.
  const surplus = sub(offset(code.logVariance, 1), add(square(code.mean), exp(code.logVariance)));
  const divergence = scale(mean(surplus), -0.5);
  const loss = add(reconstruction, mul(divergence, g.input('divergenceWeight', [])));
  return { loss, outputs: { reconstruction, divergence }, code };
}

const describeLoss = (config: SeqvaeConfig, dims: readonly number[]): ModelDescription =>
  describeBuild(dims[0], (builder) => {
    buildLoss(builder, config, dims);
  });

async function generatorOf(
  learnt: ModelVariables,
  config: SeqvaeConfig,
  dims: readonly number[],
  specs: Trainable['specs'],
  spectrum: { mean: Float32Array; deviation: Float32Array },
  feeds: (batch: number) => Feeds,
): Promise<ModelVariables> {
  const code = await codeStatistics(learnt, config, dims, specs, feeds);
  const at = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape } of specs.weights) {
    at.set(name, learnt.weights.subarray(offset, offset + count(shape)));
    offset += count(shape);
  }
  const buffers: Record<string, Float32Array> = {
    'code.mean': code.mean,
    'code.spread': code.spread,
    'spectrum.mean': spectrum.mean,
    'spectrum.deviation': spectrum.deviation,
  };
  const description = describeModel(seqvae, config);
  const flat = (parts: readonly Float32Array[]): Float32Array =>
    Float32Array.from(parts.flatMap((part) => [...part]));
  return {
    weights: flat(description.weights.map(({ name }) => at.get(name)!)),
    buffers: flat(description.buffers.map(({ name }) => buffers[name])),
  };
}

/**
 * Codes of sequences of the recordings, drawn as in training: their mean, and how each differs from it over √n, so that
 * standard normal numbers times `spread` `[codes, latent]` have the codes' covariance.
 */
async function codeStatistics(
  learnt: ModelVariables,
  config: SeqvaeConfig,
  dims: readonly number[],
  specs: Trainable['specs'],
  feeds: (batch: number) => Feeds,
): Promise<{ mean: Float32Array; spread: Float32Array }> {
  const graph = evaluationGraph(
    (b) => {
      const { loss, code } = buildLoss(b, config, dims);
      return { loss, outputs: { codeMean: code.mean, codeVariance: exp(code.logVariance) } };
    },
    specs,
    { batch: dims[0] },
  );
  const session = await createSession(writeOnnx(toModel(graph)));
  const { codes, latent } = config;
  const spread = new Float32Array(codes * latent);
  const mean = new Float32Array(latent);
  const random = new Random(codes, latent);
  const batchSize = dims[0] * latent;
  for (let at = 0, batch = 0; at < spread.length; at += batchSize, batch++) {
    const inputs = Object.entries(feeds(batch)).map(([name, feed]) => [
      name,
      floatTensor(feed.data, feed.dims),
    ]);
    const weights = floatTensor(learnt.weights, [learnt.weights.length]);
    const { codeMean, codeVariance } = await session.run({ weights, ...Object.fromEntries(inputs) });
    const centres = codeMean.data as Float32Array;
    const variances = codeVariance.data as Float32Array;
    for (let i = 0; i < batchSize && at + i < spread.length; i++) {
      spread[at + i] = centres[i] + Math.sqrt(variances[i]) * random.normal();
      mean[i % latent] += spread[at + i] / codes;
    }
  }
  await session.release();
  return { mean, spread: spread.map((value, i) => (value - mean[i % latent]) / Math.sqrt(codes)) };
}
