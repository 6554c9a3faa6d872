/**
 * The checkpoint: one ONNX file that holds the streaming graph, its weights under their names, and metadata. Any ONNX
 * runtime can run it: `audio` `[batch, time]` (time a multiple of the hop) and `state.<name>` in (zeros at first),
 * `clean` and `state.<name>.next` out.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ModelError } from '../src/errors.js';
import { toModel } from '../src/graph/onnx/envelope.js';
import type { OnnxModel, OnnxTensor } from '../src/graph/onnx/model.js';
import { readOnnx } from '../src/graph/onnx/read.js';
import { writeOnnx } from '../src/graph/onnx/write.js';
import { count } from '../src/nn/model-builder.js';
import { describeModel, type ModelVariables, streamingGraph } from '../src/nn/streaming-graph.js';
import { type AnyFamily, familyByName, parseConfig } from './families.js';

/** Version of the metadata written. Files of every older version stay readable. */
const CHECKPOINT_FORMAT = 1;

const metadataSchema = z.object({
  format: z.coerce.number().int().min(1).max(CHECKPOINT_FORMAT).optional(),
  family: z.string().optional(),
  config: z.string().optional(),
  name: z.string().optional(),
  sample_rate: z.coerce.number().int().min(1000).max(384_000).default(16_000),
  hop: z.coerce
    .number()
    .int()
    .min(1)
    .max(1 << 20)
    .optional(),
  latency: z.coerce
    .number()
    .int()
    .min(0)
    .max(1 << 20)
    .default(0),
  training: z.string().optional(),
  data_hash: z.string().optional(),
  parent: z.string().optional(),
});

/** What a checkpoint says about itself. */
export interface CheckpointInfo {
  /** SHA-256 of the file, hex: its identity. */
  hash: string;
  /** Name given when it was made, such as `base`; empty for a foreign file. */
  name: string;
  /** Empty for a foreign file. */
  family: string;
  config: unknown;
  /** Hz */
  sampleRate: number;
  /** Samples. */
  hop: number;
  /** How many samples later the output comes out. */
  latencySamples: number;
  /** Numbers in all weights and buffers. */
  parameters: number;
  states: readonly { name: string; shape: readonly number[] }[];
  /** How it was trained: free JSON. */
  training: unknown;
  /** Hash of the data it was trained on. */
  dataHash: string | undefined;
  /** Hash of the checkpoint it was tuned from. */
  parent: string | undefined;
  /** Names of the free axes of `audio`, batch and time; a number where the axis is fixed. */
  audioDims: readonly (number | string)[];
}

export interface CheckpointOptions {
  name: string;
  training?: unknown;
  dataHash?: string;
  parent?: string;
}

/** The bytes of a checkpoint. */
export function writeCheckpoint(
  family: AnyFamily,
  config: unknown,
  variables: ModelVariables,
  { name, training, dataHash, parent }: CheckpointOptions,
): Uint8Array {
  const parsed = parseConfig(family, config);
  const { graph } = streamingGraph(family, parsed, variables);
  const metadata: Record<string, string> = {
    format: `${CHECKPOINT_FORMAT}`,
    family: family.name,
    config: JSON.stringify(parsed),
    name,
    sample_rate: `${family.sampleRate(parsed)}`,
    hop: `${family.hop(parsed)}`,
    latency: `${family.latency(parsed)}`,
    ...(training === undefined ? {} : { training: JSON.stringify(training) }),
    ...(dataHash === undefined ? {} : { data_hash: dataHash }),
    ...(parent === undefined ? {} : { parent }),
  };
  return writeOnnx(toModel(graph, undefined, metadata));
}

/**
 * Reads what a checkpoint says about itself, without a runtime. Foreign files that fit the contract are welcome.
 * @throws ModelError `E_CHECKPOINT_CORRUPT` when it is not an ONNX file, `E_CHECKPOINT_CONTRACT` when it does not fit
 */
export function inspectCheckpoint(bytes: Uint8Array): CheckpointInfo {
  const model = readOnnx(bytes);
  const misfit = (why: string): ModelError =>
    new ModelError('E_CHECKPOINT_CONTRACT', `This ONNX file is not a denoiser: ${why}.`, {
      hint: 'It must take `audio` [batch, time] and `state.*`, and give `clean` and `state.*.next`.',
    });
  const parsed = metadataSchema.safeParse(model.metadata);
  if (!parsed.success) throw misfit(`its metadata is wrong (${parsed.error.issues[0].path.join('.')})`);
  const metadata = parsed.data;
  const audio = model.graph.inputs.find(({ name }) => name === 'audio');
  if (audio === undefined || audio.dims.length !== 2) throw misfit('it has no input `audio` [batch, time]');
  const outputs = new Set(model.graph.outputs.map(({ name }) => name));
  if (!outputs.has('clean')) throw misfit('it has no output `clean`');
  const hop = typeof audio.dims[1] === 'number' ? audio.dims[1] : metadata.hop;
  if (hop === undefined) throw misfit('it does not say its hop');
  return {
    hash: createHash('sha256').update(bytes).digest('hex'),
    name: metadata.name ?? '',
    family: metadata.family ?? '',
    config: parseJson(metadata.config),
    sampleRate: metadata.sample_rate,
    hop,
    latencySamples: metadata.latency,
    parameters: learntTensors(model).reduce((total, { data }) => total + data.length, 0),
    states: statesOf(model, outputs, misfit),
    training: parseJson(metadata.training),
    dataHash: metadata.data_hash,
    parent: metadata.parent,
    audioDims: audio.dims,
  };
}

function statesOf(
  model: OnnxModel,
  outputs: ReadonlySet<string>,
  misfit: (why: string) => ModelError,
): { name: string; shape: number[] }[] {
  const initialised = new Set(model.graph.initialisers.map(({ name }) => name));
  return model.graph.inputs
    .filter(({ name }) => name !== 'audio' && !initialised.has(name))
    .map(({ name, dims }) => {
      if (!name.startsWith('state.')) throw misfit(`it wants an input \`${name}\``);
      if (!outputs.has(`${name}.next`)) throw misfit(`\`${name}\` has no output \`${name}.next\``);
      const shape = dims.slice(1);
      if (shape.some((dim) => typeof dim !== 'number')) throw misfit(`the size of \`${name}\` is not fixed`);
      return { name, shape: shape as number[] };
    });
}

/** Constants of the builder itself are numbered; everything with a name of its own was learnt. */
const learntTensors = (model: OnnxModel): OnnxTensor[] =>
  model.graph.initialisers.filter(({ name, type }) => type === 'float32' && !/^constant\d+$/.test(name));

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Weights and buffers of a checkpoint of this program, to go on training from it.
 * @throws ModelError `E_CHECKPOINT_FOREIGN` when the file was not made by this program
 */
export function readVariables(bytes: Uint8Array): {
  family: AnyFamily;
  config: unknown;
  variables: ModelVariables;
} {
  const model = readOnnx(bytes);
  const { family: name, config: settings } = model.metadata;
  if (name === undefined || settings === undefined)
    throw new ModelError(
      'E_CHECKPOINT_FOREIGN',
      'This model was not made by denoise, so its training cannot go on.',
      {
        hint: 'Start from one of the models that `denoise models list` shows.',
      },
    );
  const family = familyByName(name);
  const config = parseConfig(family, parseJson(settings));
  const tensors = new Map(model.graph.initialisers.map((tensor) => [tensor.name, tensor]));
  const collect = (specs: readonly { name: string; shape: readonly number[] }[]): Float32Array => {
    const flat = new Float32Array(specs.reduce((total, { shape }) => total + count(shape), 0));
    let at = 0;
    for (const spec of specs) {
      const tensor = tensors.get(spec.name);
      if (tensor === undefined || tensor.data.length !== count(spec.shape))
        throw new ModelError('E_CHECKPOINT_CORRUPT', `The checkpoint lacks the weight "${spec.name}".`);
      flat.set(tensor.data as Float32Array, at);
      at += count(spec.shape);
    }
    return flat;
  };
  const { weights, buffers } = describeModel(family, config);
  return { family, config, variables: { weights: collect(weights), buffers: collect(buffers) } };
}
