import { InputError } from '../../errors.js';
import { imaWavCodec, microsoftCodec } from '../codecs/adpcm.js';
import { lawCodec, pcmCodec, type SampleCodec } from '../codecs/sample-codec.js';
import {
  type AudioFormat,
  BYTES_PER_SAMPLE,
  MAX_CHANNELS,
  SAMPLE_RATE_RANGE,
  type SampleFormat,
} from '../format.js';

const TAG = { pcm: 1, microsoft: 2, float: 3, aLaw: 6, muLaw: 7, ima: 17, extensible: 0xfffe } as const;

/** Names of the encodings that are met in the wild and are not plain samples, for the error message. */
const OTHER_ENCODINGS: Readonly<Record<number, string>> = {
  49: 'GSM 6.10',
  80: 'MPEG layer 2',
  85: 'MP3',
  146: 'AC-3',
  255: 'AAC',
  61868: 'FLAC',
};

/** Bytes 2 to 15 of the sub-format GUIDs: KSDATAFORMAT_SUBTYPE_* and AMBISONIC_SUBTYPE_*; bytes 0 and 1 are the tag. */
const GUID_TAILS = ['000000001000800000aa00389b71', '00002107d3118644c8c1ca000000'];

function unsupported(tag: number): InputError {
  const name = OTHER_ENCODINGS[tag] ?? `encoding 0x${tag.toString(16)}`;
  return new InputError('E_UNSUPPORTED', `The WAV file holds ${name}, which is not read.`, {
    hint: 'Convert it first, for example with: ffmpeg -i FILE -c:a pcm_s24le OUT.wav',
  });
}

/** What a `fmt ` chunk says: the format of the samples once decoded, and how they are stored. */
export interface WavFormat {
  format: AudioFormat;
  codec: SampleCodec;
  /** Whether they are stored as they are; coded otherwise. */
  plain: boolean;
}

/**
 * Parses a `fmt ` chunk: WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE. A-law, µ-law and ADPCM decode to 16 bits.
 *
 * @throws InputError `E_ZERO_CHANNELS`, `E_TOO_MANY_CHANNELS`, `E_ZERO_RATE`, `E_RATE`, `E_UNSUPPORTED`, `E_CORRUPT`
 */
export function parseFmtChunk(bytes: Uint8Array): WavFormat {
  if (bytes.length < 14) throw new InputError('E_CORRUPT', 'The WAV format chunk is too short.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const blockAlign = view.getUint16(12, true);
  const bits = bytes.length >= 16 ? view.getUint16(14, true) : 0;
  checkChannelsAndRate(channels, sampleRate);

  let tag = view.getUint16(0, true);
  let validBits: number | undefined;
  if (tag === TAG.extensible) {
    if (bytes.length < 40) throw new InputError('E_CORRUPT', 'The extensible WAV format chunk is too short.');
    validBits = view.getUint16(18, true);
    tag = view.getUint16(24, true);
    const tail = Buffer.from(bytes.subarray(26, 40)).toString('hex');
    if (!GUID_TAILS.includes(tail)) throw unsupported(tag);
  }
  if (tag !== TAG.pcm && tag !== TAG.float) {
    const codec = codecOf(tag, channels, blockAlign, view);
    return { format: { sampleRate, channels, sampleFormat: 's16' }, codec, plain: false };
  }

  const needed = Math.ceil(bits / 8);
  const aligned = blockAlign / channels;
  const size = Number.isInteger(aligned) && aligned >= needed && aligned <= 8 ? aligned : needed;
  const sampleFormat = sampleFormatOf(tag, size, bits);
  const valid = tag === TAG.pcm ? validBits || bits : undefined;
  const partial = valid !== undefined && valid > 0 && valid < BYTES_PER_SAMPLE[sampleFormat] * 8;
  const format = { sampleRate, channels, sampleFormat, ...(partial ? { validBits: valid } : {}) };
  return { format, codec: pcmCodec(format), plain: true };
}

function codecOf(tag: number, channels: number, blockBytes: number, chunk: DataView): SampleCodec {
  if (tag === TAG.aLaw) return lawCodec('a-law', channels);
  if (tag === TAG.muLaw) return lawCodec('µ-law', channels);
  if (tag === TAG.ima) return imaWavCodec(channels, blockBytes);
  if (tag !== TAG.microsoft) throw unsupported(tag);
  // The extension: its size, samples per block, then a count of pairs of weights.
  const count = chunk.byteLength >= 22 ? chunk.getUint16(20, true) : 0;
  if (count === 0 || chunk.byteLength < 22 + 4 * count) return microsoftCodec(channels, blockBytes);
  const weights = Array.from({ length: count }, (_, i): [number, number] => [
    chunk.getInt16(22 + 4 * i, true),
    chunk.getInt16(24 + 4 * i, true),
  ]);
  return microsoftCodec(channels, blockBytes, weights);
}

function sampleFormatOf(tag: number, size: number, bits: number): SampleFormat {
  if (tag === TAG.float) {
    if (size === 4) return 'f32';
    if (size === 8) return 'f64';
  } else {
    if (size === 1) return 'u8';
    if (size === 2) return 's16';
    if (size === 3) return 's24';
    if (size === 4) return 's32';
  }
  const kind = tag === TAG.float ? 'float' : 'integer';
  throw new InputError(
    'E_UNSUPPORTED',
    `The WAV file declares ${kind} samples of ${bits} bits, which do not exist.`,
    {
      hint: 'Supported: integers of 8, 16, 24 and 32 bits, floats of 32 and 64 bits.',
    },
  );
}

/** @throws InputError where no real recording has these figures */
export function checkChannelsAndRate(channels: number, sampleRate: number): void {
  if (channels === 0)
    throw new InputError('E_ZERO_CHANNELS', 'The header says 0 channels: there is no audio in it.');
  if (channels > MAX_CHANNELS) {
    throw new InputError(
      'E_TOO_MANY_CHANNELS',
      `The header says ${channels} channels; over ${MAX_CHANNELS} it is taken to be corrupt.`,
    );
  }
  if (sampleRate === 0)
    throw new InputError('E_ZERO_RATE', 'The header says a sample rate of 0 Hz: not audio.');
  if (sampleRate < SAMPLE_RATE_RANGE.min || sampleRate > SAMPLE_RATE_RANGE.max) {
    throw new InputError(
      'E_RATE',
      `The header says a sample rate of ${sampleRate} Hz; ${SAMPLE_RATE_RANGE.min} Hz to ${SAMPLE_RATE_RANGE.max / 1e6} MHz are supported.`,
    );
  }
}
