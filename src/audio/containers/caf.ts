import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { imaQuickTimeCodec } from '../codecs/adpcm.js';
import { lawCodec, pcmCodec, type SampleCodec } from '../codecs/sample-codec.js';
import { type AudioFormat, integerFormat } from '../format.js';
import { SampleReader } from '../sample-reader.js';
import { checkChannelsAndRate } from '../wav/fmt-chunk.js';
import { type ChunkLayout, findSamples } from './chunk-head.js';

const LAYOUT: ChunkLayout = {
  name: 'CAF',
  headBytes: 12,
  align: 1,
  parse(head) {
    const size = Number(head.getBigInt64(4));
    const id = Buffer.from(head.buffer, head.byteOffset, 4).toString('latin1');
    return { id, size: size < 0 ? Infinity : size };
  },
};

const FLAG = { float: 1, littleEndian: 2 } as const;

interface Stored {
  format: AudioFormat;
  codec: SampleCodec;
}

/**
 * Reads Core Audio files of plain samples, floats, A-law, µ-law and IMA ADPCM (Apple, Core Audio Format Specification 1.0).
 *
 * @param bytes positioned at `caff`
 * @throws InputError
 */
export async function openCaf(bytes: ByteReader): Promise<SampleReader> {
  await bytes.skip(8);
  let stored: Stored | undefined;
  let dataBytes = Infinity;
  let frames: number | undefined;
  await findSamples(bytes, LAYOUT, async ({ id, size }, body) => {
    if (id === 'desc') stored = parseDescription(await body());
    else if (id === 'pakt') frames = validFrames(await body());
    else if (id === 'data') {
      // A count of edits stands before the samples.
      await bytes.skip(4);
      dataBytes = Math.max(0, size - 4);
      return true;
    }
    return false;
  });
  if (stored === undefined)
    throw new InputError('E_CORRUPT', 'The CAF file has its samples before their format.');
  return new SampleReader(bytes, { container: 'caf', ...stored, dataBytes, frames });
}

function parseDescription(chunk: Uint8Array): Stored {
  if (chunk.length < 32) throw new InputError('E_CORRUPT', 'The CAF format chunk is too short.');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const sampleRate = Math.round(view.getFloat64(0));
  const coding = Buffer.from(chunk.subarray(8, 12)).toString('latin1');
  const flags = view.getUint32(12);
  const channels = view.getUint32(24);
  const bits = view.getUint32(28);
  checkChannelsAndRate(channels, sampleRate || 0);
  const coded = (codec: SampleCodec) => ({ format: integerFormat(sampleRate, channels, 16), codec });
  if (coding === 'alaw') return coded(lawCodec('a-law', channels));
  if (coding === 'ulaw') return coded(lawCodec('µ-law', channels));
  if (coding === 'ima4') return coded(imaQuickTimeCodec(channels));
  const isFloat = (flags & FLAG.float) !== 0;
  const possible = isFloat ? bits === 32 || bits === 64 : bits >= 1 && bits <= 32;
  if (coding !== 'lpcm' || !possible) {
    const what = coding === 'lpcm' ? `samples of ${bits} bits` : `the encoding '${coding}'`;
    throw new InputError('E_UNSUPPORTED', `The CAF file holds ${what}, which is not read.`, {
      hint: 'Convert it first, for example with: ffmpeg -i FILE OUT.wav',
    });
  }
  const integer = integerFormat(sampleRate, channels, bits);
  const format: AudioFormat = isFloat
    ? { sampleRate, channels, sampleFormat: bits === 32 ? 'f32' : 'f64' }
    : { ...integer, sampleFormat: integer.sampleFormat === 'u8' ? 's8' : integer.sampleFormat };
  return { format, codec: pcmCodec(format, (flags & FLAG.littleEndian) === 0) };
}

/** Samples per channel by the packet table: packets hold more. */
function validFrames(chunk: Uint8Array): number | undefined {
  if (chunk.length < 24) return undefined;
  const frames = Number(new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength).getBigInt64(8));
  return frames > 0 ? frames : undefined;
}
