import { InputError } from '../errors.js';
import type { ByteReader } from './byte-reader.js';
import { parseFrameHeader } from './flac/frame-header.js';

/** Formats that are recognised only to name them: magic bytes, offset, name. */
const FOREIGN: readonly [magic: string, offset: number, name: string][] = [
  ['RIFX', 0, 'a big-endian WAV (RIFX)'],
  ['FORM', 0, 'an AIFF file'],
  ['riff', 0, 'a Wave64 file'],
  ['.snd', 0, 'a Sun AU file'],
  ['caff', 0, 'a Core Audio file'],
  ['OggS', 0, 'an Ogg file with another codec than FLAC'],
  ['ftyp', 4, 'an MP4 or M4A file'],
  ['\x1aE\xdf\xa3', 0, 'a Matroska or WebM file'],
  ['MThd', 0, 'a MIDI file, which holds notes and no audio'],
  ['wvpk', 0, 'a WavPack file'],
  ['MAC ', 0, 'a Monkey’s Audio file'],
  ['AVI ', 8, 'an AVI file'],
];

/** How far the first frame of a FLAC stream is looked for that starts within a frame. */
const SEARCH_BYTES = 64 * 1024;

/** ID3v2 tags may stand before FLAC; longer ones are not audio. */
const ID3_LIMIT = 2 ** 28;

/**
 * Says what a stream is by its first bytes, and leaves it positioned at the container's first byte.
 *
 * @throws InputError `E_EMPTY`, `E_NOT_AUDIO`, `E_UNSUPPORTED`
 */
export async function detectContainer(bytes: ByteReader): Promise<'wav' | 'flac' | 'flac-ogg'> {
  await skipId3(bytes);
  const head = await bytes.peek(40);
  if (head.length === 0) throw new InputError('E_EMPTY', 'The file is empty.');
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (/^(RIFF|RF64|BW64)/.test(text) && (text.length < 12 || text.startsWith('WAVE', 8))) return 'wav';
  if (text.startsWith('fLaC')) return 'flac';
  if (text.startsWith('OggS') && text.startsWith('\x7fFLAC', 28)) return 'flac-ogg';
  // A FLAC stream received from the middle of a transmission has no header; MP3 and AAC have no such checksum.
  if (parseFrameHeader(head, 0) !== undefined) return 'flac';
  for (const [magic, offset, name] of FOREIGN) if (text.startsWith(magic, offset)) throw foreign(name);
  if (head[0] === 0xff && (head[1] & 0xe0) === 0xe0) throw foreign('an MP3 or AAC file');
  if (hasFlacFrames(await bytes.peek(SEARCH_BYTES))) return 'flac';
  throw new InputError('E_NOT_AUDIO', 'This is not an audio file: it starts like neither WAV nor FLAC.', {
    hint: 'If these are samples without a header, say so: denoise live --raw FORMAT:RATE:CHANNELS.',
  });
}

/** Whether two frames of FLAC with consecutive numbers start in `bytes`: no other file has that by chance. */
function hasFlacFrames(bytes: Uint8Array): boolean {
  let before: number | undefined;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const header = parseFrameHeader(bytes, at);
    if (header === undefined) continue;
    if (header.number === before || (header.variable && before !== undefined)) return true;
    before = header.number + 1;
  }
  return false;
}

function foreign(name: string): InputError {
  return new InputError('E_UNSUPPORTED', `This is ${name}; WAV and FLAC are read.`, {
    hint: 'Convert it first, for example with: ffmpeg -i FILE OUT.wav',
  });
}

async function skipId3(bytes: ByteReader): Promise<void> {
  const head = await bytes.peek(10);
  if (head.length < 10 || head[0] !== 0x49 || head[1] !== 0x44 || head[2] !== 0x33) return;
  const size = (head[6] << 21) | (head[7] << 14) | (head[8] << 7) | head[9];
  if (size < 0 || size > ID3_LIMIT) return;
  await bytes.skip(10 + size);
  const next = await bytes.peek(4);
  if (next.length < 4 || next[0] !== 0x66) throw foreign('an MP3 or AAC file');
}
