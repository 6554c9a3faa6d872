import { basename } from 'node:path';
import { openAudioInput } from '../audio/open.js';
import { readMono } from '../training/data/clip-reader.js';
import type { NoiseStore } from './noise-store.js';

/** Longer recordings are kept in pieces of this length, seconds: each can go by itself when space is needed. */
const PIECE_SECONDS = 30;
const LEAST_SECONDS = 0.5;

/**
 * Keeps a recording of noise alone, mixed to one channel.
 * @returns how many pieces are new, and their length together, seconds
 * @throws InputError where it cannot be read
 */
export async function importNoise(
  store: NoiseStore,
  path: string,
  profile: string,
): Promise<{ kept: number; seconds: number }> {
  const input = await openAudioInput(path);
  const { sampleRate } = input.format;
  await input.close();
  const samples = await readMono(path, sampleRate);
  const count = Math.max(1, Math.round(samples.length / (PIECE_SECONDS * sampleRate)));
  let kept = 0;
  let seconds = 0;
  for (let i = 0; i < count; i++) {
    const piece = samples.slice((samples.length * i) / count, (samples.length * (i + 1)) / count);
    if (piece.length < LEAST_SECONDS * sampleRate) continue;
    const result = await store.add(piece, sampleRate, profile, { source: basename(path) });
    if (!result.kept) continue;
    kept++;
    seconds += result.piece.seconds;
  }
  return { kept, seconds };
}
