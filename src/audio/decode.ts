import { InputError } from '../errors.js';
import { type AudioInputSource, type OpenAudioOptions, openAudioInput } from './open.js';

/** A whole recording in memory. */
export interface DecodedAudio {
  /** Hz. */
  sampleRate: number;
  /** One array per channel, all of the same length, full scale ±1. */
  channels: Float32Array[];
}

/** A recording beyond this many samples over all channels is to be streamed instead: 2 GiB in memory. */
const SAMPLE_LIMIT = 2 ** 29;

/**
 * Reads a whole WAV or FLAC file into memory, for training clips and tests; {@link openAudioInput} streams.
 *
 * @param source path, or bytes as they come
 * @throws InputError where the file is not audio, corrupt, or too long to hold (`E_TOO_LONG`)
 */
export async function decodeAudioFile(
  source: AudioInputSource,
  options?: OpenAudioOptions,
): Promise<DecodedAudio> {
  const input = await openAudioInput(source, options);
  const { sampleRate, channels } = input.format;
  const blocks: Float32Array[][] = [];
  let frames = 0;
  for await (const { samples } of input) {
    blocks.push(samples);
    frames += samples[0].length;
    if (frames * channels > SAMPLE_LIMIT) {
      const message = `${input.name} is too long to be read at once (over ${SAMPLE_LIMIT} samples).`;
      throw new InputError('E_TOO_LONG', message, { hint: 'Cut it into shorter files.' });
    }
  }
  const joined = Array.from({ length: channels }, (_, c) => {
    const out = new Float32Array(frames);
    let at = 0;
    for (const block of blocks) {
      out.set(block[c], at);
      at += block[c].length;
    }
    return out;
  });
  return { sampleRate, channels: joined };
}
