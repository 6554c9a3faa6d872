import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { SampleReader } from '../sample-reader.js';
import { parseFmtChunk, type WavFormat } from '../wav/fmt-chunk.js';
import { type ChunkLayout, findSamples } from './chunk-head.js';

/** A head has a GUID, which starts with the four letters of RIFF, and the size, itself included. */
const HEAD = 24;

const LAYOUT: ChunkLayout = {
  name: 'Wave64',
  headBytes: HEAD,
  align: 8,
  parse(head) {
    const size = Number(head.getBigUint64(16, true)) - HEAD;
    if (size < 0)
      throw new InputError('E_CORRUPT', 'A chunk of the Wave64 file is shorter than its own head.');
    return { id: Buffer.from(head.buffer, head.byteOffset, 4).toString('latin1'), size };
  },
};

/**
 * Reads Sony Wave64: WAV with 64-bit sizes.
 *
 * @param bytes positioned at `riff`
 * @throws InputError
 */
export async function openWave64(bytes: ByteReader): Promise<SampleReader> {
  await bytes.skip(HEAD + 16);
  let found: WavFormat | undefined;
  let frames: number | undefined;
  let dataBytes = Infinity;
  await findSamples(bytes, LAYOUT, async ({ id, size }, body) => {
    if (id === 'fmt ') found = parseFmtChunk(await body());
    else if (id === 'fact') frames = firstNumber(await body());
    else if (id === 'data') {
      // A size of 0, or of all bits, is what is left by a recorder that never came back.
      dataBytes = size > 0 && size < 2 ** 53 ? size : Infinity;
      return true;
    }
    return false;
  });
  if (found === undefined)
    throw new InputError('E_CORRUPT', 'The Wave64 file has its samples before their format.');
  const { format, codec, plain } = found;
  // Some writers count the padding behind the samples.
  if (dataBytes !== Infinity) dataBytes -= dataBytes % codec.blockBytes;
  return new SampleReader(bytes, {
    container: 'wave64',
    format,
    codec,
    dataBytes,
    frames: plain ? undefined : frames,
  });
}

function firstNumber(body: Uint8Array): number | undefined {
  if (body.length < 4) return undefined;
  return new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0, true);
}
