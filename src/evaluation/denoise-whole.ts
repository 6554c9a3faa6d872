import { concat } from '../audio/concat.js';
import { recordingDenoiser } from '../engine/level-normaliser.js';
import type { Model } from '../engine/model.js';

export interface DenoiseWholeOptions {
  /** `live`: as live audio; `recording`: as `denoise FILE` does, which takes its level out. Default `recording`. */
  as?: 'live' | 'recording';
  /** Lengths of the pieces that it is given in, over and over, samples. Default: one piece. The result is the same. */
  chunks?: readonly number[];
  /** Looked at between pieces; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs a model over audio in memory.
 *
 * @param samples `[time]` at the model's rate, full scale ±1
 * @returns as many samples, aligned, and the time of computing
 */
export async function denoiseWhole(
  model: Model,
  samples: Float32Array,
  { as = 'recording', chunks = [samples.length], signal }: DenoiseWholeOptions = {},
): Promise<{ denoised: Float32Array; milliseconds: number }> {
  const stream = model.createStream();
  const denoiser = as === 'recording' ? recordingDenoiser(model, stream) : stream;
  try {
    const parts: Float32Array[] = [];
    for (let at = 0, k = 0; at < samples.length; k++) {
      signal?.throwIfAborted();
      const end = at + chunks[k % chunks.length];
      parts.push(await denoiser.process(samples.subarray(at, end)));
      at = end;
    }
    parts.push(await denoiser.flush());
    return { denoised: concat(parts), milliseconds: stream.computeMilliseconds };
  } finally {
    stream.close();
  }
}
