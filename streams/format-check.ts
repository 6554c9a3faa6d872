import type { AudioChunk } from '../src/audio/chunk.js';
import { InputError } from '../src/errors.js';

/** @throws InputError `E_FORMAT_CHANGED` unless the chunk has this rate, Hz, and number of channels */
export function checkFormat(chunk: AudioChunk, format: { sampleRate: number; channels: number }): void {
  const { sampleRate, channels } = format;
  if (chunk.sampleRate === sampleRate && chunk.samples.length === channels) return;
  throw new InputError(
    'E_FORMAT_CHANGED',
    `The audio changed to ${chunk.samples.length} channels at ${chunk.sampleRate} Hz where ${channels} at ${sampleRate} Hz were agreed.`,
    { hint: 'Resample it before this stage, or start a new stream.' },
  );
}
