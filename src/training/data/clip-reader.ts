import { readFile } from 'node:fs/promises';
import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { InputError } from '../../errors.js';

/** A whole decoded file: `[channels][samples]`, full scale ±1. */
export interface DecodedAudio {
  samples: Float32Array[];
  /** Hz */
  sampleRate: number;
}

let decoder: FLACDecoder | undefined;

/** Decodes one FLAC file. @throws {InputError} when it is not FLAC or is damaged. */
export async function decodeAudioFile(path: string): Promise<DecodedAudio> {
  const bytes = await readFile(path);
  decoder ??= new FLACDecoder();
  await decoder.ready;
  const decoded = await decoder.decodeFile(bytes);
  if (decoded.samplesDecoded === 0 || decoded.errors.length > 0) {
    throw new InputError('E_CORRUPT', decoded.errors[0]?.message ?? 'no audio was found in it');
  }
  return { samples: decoded.channelData, sampleRate: decoded.sampleRate };
}
