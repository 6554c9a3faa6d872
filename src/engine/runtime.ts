/** Sessions of onnxruntime with this project's settings. `run()` blocks its thread: only workers and scripts call it. */
import '../threads/no-telemetry.js';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelError } from '../errors.js';

// What goes wrong comes as an exception; the runtime's own lines on stderr would stand between the program's.
env.logLevel = 'fatal';

export interface RuntimeOptions {
  /** onnxruntime execution providers in order of preference. Default `['cpu']`. */
  providers?: readonly string[];
  /** Threads inside one operator. Default 1. */
  threads?: number;
  /** Sizes of named free axes that are known for this session; shapes are then computed once, at load. */
  sizes?: Readonly<Record<string, number>>;
  /** Writes a profile to files that begin so. */
  profilePrefix?: string;
}

/** @throws ModelError `E_MODEL_LOAD` when the runtime refuses the graph */
export async function createSession(
  model: Uint8Array,
  options: RuntimeOptions = {},
): Promise<InferenceSession> {
  const { providers = ['cpu'], threads = 1, sizes, profilePrefix } = options;
  try {
    return await InferenceSession.create(model, {
      executionProviders: [...providers],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      ...(sizes === undefined ? {} : { freeDimensionOverrides: { ...sizes } }),
      ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
      extra: {
        session: {
          // Decaying recurrent state falls into denormals, which cost 100× a normal product.
          set_denormal_as_zero: '1',
          // Two spinning threads on a busy machine collapse: a training step went from 42 to 200 ms.
          intra_op: { allow_spinning: '0' },
        },
      },
    });
  } catch (cause) {
    throw new ModelError('E_MODEL_LOAD', `The model cannot be loaded: ${(cause as Error).message}`, {
      hint: 'Check that the file is a whole ONNX model, and try --device cpu.',
      cause,
    });
  }
}

/** A float tensor over `data`, not a copy. */
export const floatTensor = (data: Float32Array, dims: readonly number[]): Tensor =>
  new Tensor('float32', data, dims);

export { InferenceSession, Tensor };
