/**
 * The sequential variational auto-encoder of the guides, on noise: frames of log band power go through LSTM layers into a
 * code, and LSTM layers make frames of it again. Trained on a recording of noise it synthesises more of the same noise.
 *
 * As a family it is the second half, a generator: its `audio` is white noise of deviation 1, its `clean` that noise under
 * the spectral envelopes that the decoder draws for the code in `state.code`, a draw from a standard normal distribution
 * (zeros: the most usual noise) that is spread as the codes of the recording are. Phases and the fine structure of noise come from the white noise.
 */
import { z } from 'zod';
import type { Dim } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { add, exp, mul, scale, sub } from '../src/graph/ops/elementwise.js';
import { linear } from '../src/graph/ops/linear.js';
import { broadcastTo } from '../src/graph/ops/reduce.js';
import { concat, reshape } from '../src/graph/ops/shape.js';
import { type Initialiser, ones, zeros } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import type { ModelFamily } from '../src/nn/model-family.js';
import { linearLayer, lstmLayer } from './layers.js';
import {
  analyse,
  applyGain,
  type BandLayout,
  bandShares,
  spreadBands,
  synthesise,
} from './spectral-front.js';

export const seqvaeConfig = z.strictObject({
  sampleRate: z.int().min(8000).max(48000).default(16000).describe('Hz'),
  window: z.int().min(64).max(4096).multipleOf(2).default(512).describe('samples; frames hop by half of it'),
  bands: z.int().min(2).max(256).default(64).describe('on the ERB scale'),
  frames: z.int().min(2).max(1000).default(64).describe('frames that one code stands for'),
  hidden: z.int().min(1).max(1024).default(256).describe('units per LSTM layer'),
  latent: z.int().min(1).max(4096).default(1024).describe('numbers of the code; 4 times the hidden size'),
  codes: z
    .int()
    .min(1)
    .max(1024)
    .default(256)
    .describe('codes of the recording that generation draws between'),
  layers: z.int().min(1).max(6).default(3).describe('LSTM layers of the encoder, and of the decoder'),
  code: z
    .enum(['last', 'all'])
    .default('last')
    .describe('whether the code is taken from the cell memory of the last layer or of all layers'),
  encoderDropout: z.number().min(0).max(0.9).default(0.3).describe('between the encoder’s layers'),
  decoderDropout: z.number().min(0).max(0.9).default(0.7).describe('between the decoder’s layers'),
});
export type SeqvaeConfig = z.infer<typeof seqvaeConfig>;

/**
 * Mean and log-variance of the code, `[batch, latent]` each, of standardised frames `[batch, time, bands]`. They are
 * read from the cell memory after the last frame, which the guide found better than the output. The guide does not say
 * of which layer; the last one's is the default, as in the one-layer program that it describes.
 */
export function encodeFrames(
  b: ModelBuilder,
  frames: Tensor,
  { hidden, latent, layers, code, encoderDropout }: SeqvaeConfig,
): { mean: Tensor; logVariance: Tensor } {
  let y = frames;
  const memories: Tensor[] = [];
  for (let layer = 0; layer < layers; layer++) {
    if (layer > 0) y = b.dropout(y, encoderDropout);
    y = lstmLayer(b, `encoder.${layer}`, y, hidden);
    memories.push(b.nextStates.get(`state.encoder.${layer}.c`)!);
  }
  const memory = code === 'all' ? concat(memories, 1) : memories[layers - 1];
  return {
    mean: linearLayer(b, 'encoder.mean', memory, latent),
    logVariance: linearLayer(b, 'encoder.logVariance', memory, latent),
  };
}

/** Standardised frames `[batch, time, bands]` for a code `[batch, latent]`, which every step is given again. */
export function decodeFrames(
  b: ModelBuilder,
  code: Tensor,
  time: Dim,
  { hidden, layers, bands, decoderDropout }: SeqvaeConfig,
): Tensor {
  const [batch, latent] = code.shape;
  let y = broadcastTo(reshape(code, [batch, 1, latent]), [batch, time, latent]);
  for (let layer = 0; layer < layers; layer++) {
    if (layer > 0) y = b.dropout(y, decoderDropout);
    y = lstmLayer(b, `decoder.${layer}`, y, hidden);
  }
  return linearLayer(b, 'decoder.out', y, bands);
}

/** Band power of white noise of deviation 1 after the analysis window, as logarithm; bands without bins get 0. */
function whiteLogPower(layout: BandLayout): Float64Array {
  const shares = bandShares(layout);
  const power = new Float64Array(layout.bands);
  // Σ sin² over the window is half its length.
  shares.forEach((share, i) => {
    power[i % layout.bands] += (share * layout.window) / 2;
  });
  return power.map((p) => (p > 0 ? Math.log(p) : 0));
}

export const seqvae: ModelFamily<SeqvaeConfig> = {
  name: 'seqvae',
  description: 'Sequential variational auto-encoder that synthesises more of the noise it heard; no denoiser',
  makes: 'noise like the noise that it heard',
  configSchema: seqvaeConfig,
  sampleRate: (config) => config.sampleRate,
  hop: (config) => config.window / 2,
  latency: (config) => config.window / 2,

  build(b, audio, config) {
    const { bands, latent, codes } = config;
    const spectrum = analyse(b, audio, config.window);
    const drawn = b.state('code', [codes]);
    b.nextState('code', drawn);
    // A draw with the mean and the whole covariance that codes have after training: numbers of a code go together, and
    // drawn apart from each other they cancelled, and sea waves that swell by 5.1 dB came out with 2.1 dB instead of 3.6.
    const like: Initialiser = { kind: 'normal', deviation: 1 / Math.sqrt(codes) };
    const code = linear(
      drawn,
      b.buffer('code.spread', [codes, latent], like),
      b.buffer('code.mean', [latent], zeros),
    );
    const frames = decodeFrames(b, code, spectrum.re.shape[1], config);
    const logPower = add(
      mul(frames, b.buffer('spectrum.deviation', [bands], ones)),
      b.buffer('spectrum.mean', [bands], zeros),
    );
    const white = b.graph.table('white noise', [bands], () => whiteLogPower(config));
    const gain = exp(scale(spreadBands(sub(logPower, white), config), 0.5));
    return synthesise(b, applyGain(spectrum, gain), config.window);
  },
};
