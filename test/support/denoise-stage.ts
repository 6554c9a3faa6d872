import type { AudioChunk } from '../../src/audio/chunk.js';
import { Denoise } from '../../streams/denoise/denoise.js';
import type { DenoiseStreamOptions } from '../../streams/denoise/options.js';
import type { HalvingDenoiser } from './live-denoisers.js';

/** Hz. */
export const RATE = 16_000;

/** One channel from `firstSample` on. */
export function chunk(
  samples: Float32Array,
  firstSample: number,
  extra: Partial<AudioChunk> = {},
): AudioChunk {
  return { samples: [samples], sampleRate: RATE, firstSample: BigInt(firstSample), ...extra };
}

/** Never 0, so that every sample tells whether it was halved. */
export const ones = (length: number): Float32Array => new Float32Array(length).fill(1);

/** A stage around a denoiser that is known, and all that comes out of it. */
export function stage(denoiser: HalvingDenoiser, options: Partial<DenoiseStreamOptions> = {}) {
  const stream = new Denoise({ sampleRate: RATE, channels: 1, denoiser, music: 'off', ...options });
  const chunks: AudioChunk[] = [];
  stream.on('data', (one: AudioChunk) => chunks.push(one));
  return { stream, chunks, sound: () => Float32Array.from(chunks.flatMap(({ samples }) => [...samples[0]])) };
}

/** Ends the stream; resolves when all has come out. */
export async function end(stream: Denoise): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => stream.once('end', resolve).once('error', reject));
  stream.end();
  await ended;
}
