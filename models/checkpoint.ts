/**
 * The checkpoint: one ONNX file that holds the streaming graph, its weights under their names, and metadata. Any ONNX
 * runtime can run it: `audio` `[batch, time]` (time a multiple of the hop) and `state.<name>` in (zeros at first),
 * `clean` and `state.<name>.next` out.
 */
import { ModelError } from '../src/errors.js';
import { toModel } from '../src/graph/onnx/envelope.js';
import type { OnnxModel, OnnxTensor } from '../src/graph/onnx/model.js';
import { readOnnx } from '../src/graph/onnx/read.js';
import { writeOnnx } from '../src/graph/onnx/write.js';
import { count } from '../src/nn/model-builder.js';
import { describeModel, type ModelVariables, streamingGraph } from '../src/nn/streaming-graph.js';
import {
  CHECKPOINT_FORMAT,
  metadataSchema,
  sha256,
  verifyChecksum,
  withChecksum,
} from './checkpoint-metadata.js';
import { type AnyFamily, familyByName, isLevelDependent, parseConfig } from './families.js';

/** What a checkpoint says about itself. */
export interface CheckpointInfo {
  /** SHA-256 of the file, hex: its identity. */
  hash: string;
  /** Name given when it was made, such as `base`; empty where none was, and for a foreign file. */
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
  /** Whether what it makes of audio depends on its level, so that this is taken out before; not known of foreign files. */
  levelDependent: boolean;
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
  /** What people call it, such as `base`; default none. Not the place it lies in: equal weights are to give equal files. */
  name?: string;
  /** How it was trained: free JSON. */
  training?: unknown;
  dataHash?: string;
  parent?: string;
}

/**
 * The bytes of a checkpoint.
 *
 * @throws ModelError `E_WEIGHTS_NOT_FINITE` for weights that are NaN or infinite
 */
export function writeCheckpoint(
  family: AnyFamily,
  config: unknown,
  variables: ModelVariables,
  { name = '', training, dataHash, parent }: CheckpointOptions = {},
): Uint8Array {
  if ([variables.weights, variables.buffers].some((values) => values.some(isNotFinite)))
    throw new ModelError('E_WEIGHTS_NOT_FINITE', 'The model has weights that are NaN or infinite.', {
      hint: 'Its training diverged: train it again with a lower learning rate.',
    });
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
  return withChecksum(writeOnnx(toModel(graph, undefined, metadata)));
}

/** A checkpoint that was read and checked, once. */
export class Checkpoint {
  private constructor(
    readonly bytes: Uint8Array,
    readonly info: CheckpointInfo,
    private readonly model: OnnxModel,
  ) {}

  /**
   * Reads a checkpoint without a runtime. Foreign files that fit the contract are welcome.
   *
   * @throws ModelError `E_CHECKPOINT_CORRUPT` when it is not a whole ONNX file, its checksum does not match, or a weight is
   *   NaN or infinite; `E_CHECKPOINT_CONTRACT` when it is no denoiser
   */
  static parse(bytes: Uint8Array): Checkpoint {
    const model = readOnnx(bytes);
    return new Checkpoint(bytes, describe(bytes, model), model);
  }

  /**
   * Family, configuration and weights, to go on training from.
   *
   * @throws ModelError `E_CHECKPOINT_FOREIGN` when the file was not made by this program
   */
  variables(): { family: AnyFamily; config: unknown; variables: ModelVariables } {
    const { family: name, config: settings } = this.model.metadata;
    if (name === undefined || settings === undefined)
      throw new ModelError(
        'E_CHECKPOINT_FOREIGN',
        'This model was not made by denoise, so its training cannot go on.',
        { hint: 'Start from one of the models that `denoise models list` shows.' },
      );
    const family = familyByName(name);
    const config = parseConfig(family, parseJson(settings));
    const { weights, buffers } = describeModel(family, config);
    const tensors = new Map(this.model.graph.initialisers.map((tensor) => [tensor.name, tensor]));
    return {
      family,
      config,
      variables: { weights: collect(weights, tensors), buffers: collect(buffers, tensors) },
    };
  }
}

function collect(
  specs: readonly { name: string; shape: readonly number[] }[],
  tensors: ReadonlyMap<string, OnnxTensor>,
): Float32Array {
  const flat = new Float32Array(specs.reduce((total, { shape }) => total + count(shape), 0));
  let at = 0;
  for (const { name, shape } of specs) {
    const tensor = tensors.get(name);
    if (tensor === undefined || tensor.data.length !== count(shape))
      throw new ModelError('E_CHECKPOINT_CORRUPT', `The checkpoint lacks the weight "${name}".`);
    flat.set(tensor.data as Float32Array, at);
    at += count(shape);
  }
  return flat;
}

function describe(bytes: Uint8Array, model: OnnxModel): CheckpointInfo {
  const misfit = (why: string): ModelError =>
    new ModelError('E_CHECKPOINT_CONTRACT', `This ONNX file is not a denoiser: ${why}.`, {
      hint: 'It must take `audio` [batch, time] and `state.*`, and give `clean` and `state.*.next`.',
    });
  const parsed = metadataSchema.safeParse(model.metadata);
  if (!parsed.success) throw misfit(`its metadata is wrong (${parsed.error.issues[0].path.join('.')})`);
  const metadata = parsed.data;
  verifyChecksum(bytes, metadata);
  const learnt = learntTensors(model);
  // A foreign graph may mask by −∞.
  refuseBroken(learnt, metadata.family === undefined ? Number.isNaN : isNotFinite);
  const audio = model.graph.inputs.find(({ name }) => name === 'audio');
  if (audio === undefined || audio.dims.length !== 2) throw misfit('it has no input `audio` [batch, time]');
  const outputs = new Set(model.graph.outputs.map(({ name }) => name));
  if (!outputs.has('clean')) throw misfit('it has no output `clean`');
  const hop = typeof audio.dims[1] === 'number' ? audio.dims[1] : metadata.hop;
  if (hop === undefined) throw misfit('it does not say its hop');
  return {
    hash: sha256(bytes),
    name: metadata.name ?? '',
    family: metadata.family ?? '',
    config: parseJson(metadata.config),
    sampleRate: metadata.sample_rate,
    hop,
    latencySamples: metadata.latency,
    levelDependent: isLevelDependent(metadata.family),
    parameters: learnt.reduce((total, { data }) => total + data.length, 0),
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

/** @throws ModelError `E_CHECKPOINT_CORRUPT`: such a model would give silence or NaN */
function refuseBroken(tensors: readonly OnnxTensor[], isBroken: (value: number) => boolean): void {
  const bad = tensors.find(({ data }) => (data as Float32Array).some(isBroken));
  if (bad === undefined) return;
  throw new ModelError('E_CHECKPOINT_CORRUPT', `The weight "${bad.name}" is NaN or infinite.`, {
    hint: 'Copy, download or train the model again.',
  });
}

const isNotFinite = (value: number): boolean => !Number.isFinite(value);

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
