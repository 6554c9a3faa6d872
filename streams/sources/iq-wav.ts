import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../../src/errors.js';
import { checkRate, FRAME_BYTES, type IqEncoding, type IqLayout, type IqSegment } from './iq-layout.js';

interface Chunk {
  id: string;
  offset: number;
  bytes: number;
}

/** Size that a writer which never came back leaves in a header; RF64 uses it too. */
const UNKNOWN_SIZE = 0xffffffff;

/** Format tag (1 PCM, 3 float) and bits of a sample. */
const ENCODING: Readonly<Record<string, IqEncoding>> = {
  '1/8': 'cu8',
  '1/16': 'cs16',
  '1/24': 'cs24',
  '1/32': 'cs32',
  '3/32': 'cf32',
  '3/64': 'cf64',
};

/** Of a chunk that describes the recording, so much is read: SDR Console's XML takes 1 to 2 KiB. */
const MOST_HEADER = 65_536;

/** Centre frequency in an `auxi` chunk, Hz; 0 where it has none. */
function centreOf(auxi: Buffer): number {
  const utf16 = auxi.subarray(0, auxi.length & ~1).toString('utf16le');
  const xml = [utf16, auxi.toString('utf8')].find((text) => /^\ufeff?\s*</.test(text));
  if (xml !== undefined) return Number(/\bRadioCenterFreq="(\d+)/.exec(xml)?.[1] ?? 0);
  return auxi.length >= 36 ? auxi.readUInt32LE(32) : 0;
}

/** Walks the chunks of a RIFF, RF64 or BW64 file; a size that runs past the end is cut to it. */
async function* chunksOf(file: FileHandle, path: string): AsyncGenerator<Chunk> {
  const { size } = await file.stat();
  const head = Buffer.alloc(12);
  await file.read(head, 0, 12, 0);
  const riff = head.toString('latin1', 0, 4);
  if (!['RIFF', 'RF64', 'BW64'].includes(riff) || head.toString('latin1', 8, 12) !== 'WAVE')
    throw new InputError('E_NOT_WAV', `${path} is not a WAV file.`);
  let long: number | undefined;
  for (let offset = 12; offset + 8 <= size; ) {
    const { bytesRead } = await file.read(head, 0, 8, offset);
    if (bytesRead < 8) return;
    const id = head.toString('latin1', 0, 4);
    let bytes = head.readUInt32LE(4);
    if (id === 'ds64') {
      const ds64 = Buffer.alloc(16);
      await file.read(ds64, 0, 16, offset + 8);
      long = Number(ds64.readBigUInt64LE(8));
    }
    // 0 is what a recorder that was killed leaves; the rest of the file is then its data.
    if (id === 'data' && bytes === UNKNOWN_SIZE) bytes = long ?? size;
    if (id === 'data' && bytes === 0) bytes = size;
    const start = offset + 8;
    yield { id, offset: start, bytes: Math.min(bytes, size - start) };
    offset = start + bytes + (bytes & 1);
  }
}

/** Sample encoding of a `fmt ` chunk, and its rate; two channels are I and Q. */
function readFormat(bytes: Buffer, path: string): { encoding: IqEncoding; sampleRate: number } {
  if (bytes.length < 16) throw new InputError('E_WAV_FORMAT', `${path}: its format chunk is cut short.`);
  let tag = bytes.readUInt16LE(0);
  if (tag === 0xfffe && bytes.length >= 26) tag = bytes.readUInt16LE(24);
  const channels = bytes.readUInt16LE(2);
  const bits = bytes.readUInt16LE(14);
  if (channels !== 2)
    throw new InputError('E_NOT_IQ', `${path} has ${channels} channels; an IQ recording has two, I and Q.`, {
      hint: 'Give it without iq: if it is an audio recording.',
    });
  const encoding = ENCODING[`${tag}/${bits}`];
  if (encoding === undefined)
    throw new InputError(
      'E_WAV_FORMAT',
      `${path}: samples of format ${tag} with ${bits} bits cannot be read.`,
    );
  return { encoding, sampleRate: bytes.readUInt32LE(4) };
}

/**
 * Reads the layout of a WAV file whose two channels are I and Q. The centre frequency comes from the `auxi` chunk
 * (SpectraVue's, which HDSDR, SDR# and SDRuno write: two SYSTEMTIMEs of 16 bytes, then the frequency in Hz, 32 bits; or
 * SDR Console's, which is XML in UTF-16). Samples may be spread over many `data` chunks, as KiwiSDR writes them.
 *
 * @param askedRate complex samples a second, Hz, where the header is wrong
 * @throws InputError when it is no such file.
 */
export async function wavIqLayout(path: string, askedRate?: number): Promise<IqLayout> {
  const file = await open(path, 'r');
  try {
    let format: { encoding: IqEncoding; sampleRate: number } | undefined;
    let hz = 0;
    let dataSeen = false;
    for await (const chunk of chunksOf(file, path)) {
      const wanted = chunk.id === 'fmt ' || chunk.id === 'auxi';
      const bytes = Buffer.alloc(wanted ? Math.min(chunk.bytes, MOST_HEADER) : 0);
      if (wanted) await file.read(bytes, 0, bytes.length, chunk.offset);
      if (chunk.id === 'fmt ' && format === undefined) format = readFormat(bytes, path);
      if (chunk.id === 'auxi') hz = centreOf(bytes);
      if (chunk.id === 'data' && format !== undefined && dataSeen) break;
      dataSeen ||= chunk.id === 'data';
    }
    if (format === undefined || !dataSeen)
      throw new InputError('E_NOT_WAV', `${path} holds no ${format === undefined ? 'format' : 'samples'}.`);
    const frame = FRAME_BYTES[format.encoding];
    return {
      path,
      ...format,
      sampleRate: checkRate(askedRate ?? format.sampleRate, path),
      centres: [{ firstSample: 0, hz }],
      segments: () => dataSegments(path, frame),
      warnings: [],
    };
  } finally {
    await file.close();
  }
}

async function* dataSegments(path: string, frame: number): AsyncGenerator<IqSegment> {
  const file = await open(path, 'r');
  try {
    for await (const { id, offset, bytes } of chunksOf(file, path))
      if (id === 'data') yield { offset, bytes: bytes - (bytes % frame) };
  } finally {
    await file.close();
  }
}
