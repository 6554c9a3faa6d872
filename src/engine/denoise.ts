import { createDenoiser, type DenoiserOptions } from './denoiser.js';

/** Audio goes through the model in pieces of this length, so that memory does not grow with the recording. */
const PIECE_SECONDS = 10;

export type DenoiseOptions = Omit<DenoiserOptions, 'channels'>;

/**
 * Takes the noise out of a recording in memory, at its rate and to its exact length.
 *
 * ```ts
 * const clean = await denoise(noisy, { sampleRate: 44_100 });
 * ```
 *
 * For many recordings, load a {@link Model} once and pass it every time.
 *
 * @param samples one channel `[samples]`, or an array of channels of one length; full scale ±1. Not changed
 * @returns clean samples in the same shape
 * @throws as `createDenoiser`; InputError `E_CHANNELS_DIFFER`
 */
export function denoise(samples: Float32Array, options: DenoiseOptions): Promise<Float32Array>;
export function denoise(samples: readonly Float32Array[], options: DenoiseOptions): Promise<Float32Array[]>;
export async function denoise(
  samples: Float32Array | readonly Float32Array[],
  options: DenoiseOptions,
): Promise<Float32Array | Float32Array[]> {
  if (samples instanceof Float32Array) return (await denoise([samples], options))[0];
  const clean = samples.map(({ length }) => new Float32Array(length));
  const denoiser = await createDenoiser({ ...options, channels: samples.length });
  let written = 0;
  const write = (ready: readonly Float32Array[]): void => {
    ready.forEach((channel, c) => void clean[c].set(channel, written));
    written += ready[0].length;
  };
  try {
    const piece = Math.ceil(PIECE_SECONDS * options.sampleRate);
    const length = Math.max(...samples.map((channel) => channel.length));
    for (let at = 0; at < length; at += piece)
      write(await denoiser.process(samples.map((channel) => channel.subarray(at, at + piece))));
    write(await denoiser.flush());
  } finally {
    await denoiser.close();
  }
  return clean;
}
