import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { imaQuickTimeCodec } from '../codecs/adpcm.js';
import { lawCodec, pcmCodec, type SampleCodec } from '../codecs/sample-codec.js';
import { type AudioFormat, integerFormat } from '../format.js';
import { SampleReader } from '../sample-reader.js';
import type { Tags } from '../tags.js';
import { checkChannelsAndRate } from '../wav/fmt-chunk.js';
import { type ChunkLayout, findSamples } from './chunk-head.js';

const LAYOUT: ChunkLayout = {
  name: 'AIFF',
  headBytes: 8,
  align: 2,
  parse: (head) => ({ id: latin1(head, 0, 4), size: head.getUint32(4) }),
};

/** Chunks of text, as Vorbis comments. */
const TEXTS: Readonly<Record<string, string>> = {
  NAME: 'TITLE',
  AUTH: 'ARTIST',
  '(c) ': 'COPYRIGHT',
  ANNO: 'COMMENT',
};

interface Common {
  format: AudioFormat;
  codec: SampleCodec;
  frames: number;
}

/**
 * Reads AIFF and AIFF-C: plain samples of either byte order, floats, A-law, µ-law, IMA ADPCM (Apple, Audio Interchange
 * File Format 1.3 and AIFF-C draft).
 *
 * @param bytes positioned at `FORM`
 * @throws InputError
 */
export async function openAiff(bytes: ByteReader): Promise<SampleReader> {
  await bytes.skip(12);
  let common: Common | undefined;
  const tags: Tags = { comments: [], pictures: [] };
  let dataBytes = 0;
  await findSamples(bytes, LAYOUT, async ({ id, size }, body) => {
    if (id === 'COMM') common = parseCommon(await body());
    else if (TEXTS[id] !== undefined) {
      const text = Buffer.from(await body())
        .toString('latin1')
        .replace(/\0+$/, '');
      tags.comments.push(`${TEXTS[id]}=${text}`);
    } else if (id === 'SSND') {
      const head = (await bytes.read(8)).slice();
      const offset = head.length === 8 ? new DataView(head.buffer).getUint32(0) : 0;
      await bytes.skip(offset);
      // A size of 0 is what is left by a recorder that never came back.
      dataBytes = size > 8 + offset ? size - 8 - offset : Infinity;
      return true;
    }
    return false;
  });
  if (common === undefined)
    throw new InputError('E_CORRUPT', 'The AIFF file has its samples before their format.');
  const { frames } = common;
  return new SampleReader(bytes, {
    container: 'aiff',
    ...common,
    dataBytes,
    tags,
    frames: frames || undefined,
  });
}

/** The COMM chunk. */
function parseCommon(chunk: Uint8Array): Common {
  if (chunk.length < 18) throw new InputError('E_CORRUPT', 'The AIFF format chunk is too short.');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const channels = view.getUint16(0);
  const count = view.getUint32(2);
  const bits = view.getUint16(6);
  const sampleRate = Math.round(extended(view, 8));
  checkChannelsAndRate(channels, sampleRate);
  const coding = chunk.length >= 22 ? latin1(view, 18, 4) : 'NONE';
  const stored = storedAs(coding, sampleRate, channels, bits);
  return { ...stored, frames: count * stored.codec.blockFrames };
}

function storedAs(
  coding: string,
  sampleRate: number,
  channels: number,
  bits: number,
): { format: AudioFormat; codec: SampleCodec } {
  const float = (sampleFormat: 'f32' | 'f64') => {
    const format: AudioFormat = { sampleRate, channels, sampleFormat };
    return { format, codec: pcmCodec(format, true) };
  };
  const coded = (codec: SampleCodec) => ({ format: integerFormat(sampleRate, channels, 16), codec });
  switch (coding) {
    case 'NONE':
    case 'twos':
    case 'in24':
    case 'in32':
    case 'sowt': {
      if (bits < 1 || bits > 32)
        throw new InputError('E_UNSUPPORTED', `The AIFF file declares samples of ${bits} bits.`);
      const format = signed(integerFormat(sampleRate, channels, bits));
      return { format, codec: pcmCodec(format, coding !== 'sowt') };
    }
    case 'raw ': {
      const format = integerFormat(sampleRate, channels, 8);
      return { format, codec: pcmCodec(format) };
    }
    case 'fl32':
    case 'FL32':
      return float('f32');
    case 'fl64':
    case 'FL64':
      return float('f64');
    case 'alaw':
    case 'ALAW':
      return coded(lawCodec('a-law', channels));
    case 'ulaw':
    case 'ULAW':
      return coded(lawCodec('µ-law', channels));
    case 'ima4':
      return coded(imaQuickTimeCodec(channels));
    default:
      throw new InputError(
        'E_UNSUPPORTED',
        `The AIFF file holds the encoding '${coding}', which is not read.`,
        {
          hint: 'Convert it first, for example with: ffmpeg -i FILE OUT.wav',
        },
      );
  }
}

/** Eight bits are signed but in WAV. */
function signed(format: AudioFormat): AudioFormat {
  return format.sampleFormat === 'u8' ? { ...format, sampleFormat: 's8' } : format;
}

/** An 80-bit float: sign, 15 bits of exponent, 64 of mantissa with its leading one. */
function extended(view: DataView, at: number): number {
  const exponent = (view.getUint16(at) & 0x7fff) - 16_383;
  return (view.getUint32(at + 2) * 2 ** 32 + view.getUint32(at + 6)) * 2 ** (exponent - 63);
}

function latin1(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString('latin1');
}
