import { InputError } from '../errors.js';
import type { ByteReader } from './byte-reader.js';
import { parseFrameHeader } from './flac/frame-header.js';
import { findMpegFrames } from './mp3/frame-header.js';
import { id3Length, parseId3 } from './mp3/id3.js';
import { METADATA_LIMIT, type Tags } from './tags.js';

/** What a file is, by its first bytes. */
export interface Detected {
  kind:
    | 'foreign'
    | 'wav'
    | 'wave64'
    | 'aiff'
    | 'au'
    | 'caf'
    | 'flac'
    | 'flac-ogg'
    | 'ogg-vorbis'
    | 'ogg-opus'
    | 'mp3';
  /** Of a foreign kind, which ffmpeg may know: its name with an article. */
  name?: string;
  /** Of an ID3v2 tag that stands before it. */
  tags?: Tags;
}

/** Magic bytes, their offset, and what they say. */
const KNOWN: readonly [magic: string, offset: number, kind: Detected['kind']][] = [
  ['fLaC', 0, 'flac'],
  ['FORM', 0, 'aiff'],
  ['riff', 0, 'wave64'],
  ['.snd', 0, 'au'],
  ['caff', 0, 'caf'],
];

/** Formats that are recognised only to name them, and to have ffmpeg read them. */
const FOREIGN: readonly [magic: string, offset: number, name: string][] = [
  ['RIFX', 0, 'a big-endian WAV (RIFX)'],
  ['OggS', 0, 'an Ogg file of another codec than FLAC, Vorbis and Opus'],
  ['ftyp', 4, 'an MP4 or M4A file'],
  ['\x1aE\xdf\xa3', 0, 'a Matroska or WebM file'],
  ['FLV', 0, 'a Flash video'],
  ['#!AMR', 0, 'an AMR file'],
  ['wvpk', 0, 'a WavPack file'],
  ['MAC ', 0, 'a Monkey’s Audio file'],
  ['AVI ', 8, 'an AVI file'],
  ['0&\xb2u', 0, 'a Windows Media file'],
  ['ADIF', 0, 'an AAC file'],
];

/** How far the first frame of a stream without a header is looked for. */
const SEARCH_BYTES = 64 * 1024;

/** ID3v2 tags may stand before MP3 and FLAC; longer ones are not audio. */
const ID3_LIMIT = 2 ** 28;

/**
 * Says what a stream is by its first bytes, and leaves it positioned at the container's first byte.
 *
 * @throws InputError `E_EMPTY`, `E_NOT_AUDIO`
 */
export async function detectContainer(bytes: ByteReader): Promise<Detected> {
  const tags = await readId3(bytes);
  const head = await bytes.peek(64);
  if (head.length === 0 && tags === undefined) throw new InputError('E_EMPTY', 'The file is empty.');
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (/^(RIFF|RF64|BW64)/.test(text) && (text.length < 12 || text.startsWith('WAVE', 8)))
    return { kind: 'wav' };
  for (const [magic, offset, kind] of KNOWN) {
    const form = kind !== 'aiff' || /^AIF[FC]/.test(text.slice(8));
    if (text.startsWith(magic, offset) && form) return { kind, tags };
  }
  const inOgg = text.startsWith('OggS') ? oggKind(await bytes.peek(SEARCH_BYTES)) : undefined;
  if (inOgg !== undefined) return { kind: inOgg };
  for (const [magic, offset, name] of FOREIGN) {
    if (text.startsWith(magic, offset)) return { kind: 'foreign', name };
  }
  // A FLAC stream received from the middle of a transmission has no header; MP3 and AAC have no such checksum.
  if (parseFrameHeader(head, 0) !== undefined) return { kind: 'flac', tags };
  const ahead = await bytes.peek(SEARCH_BYTES);
  if (head[0] === 0xff && (head[1] & 0xf6) === 0xf0) return { kind: 'foreign', name: 'an AAC file' };
  if (findMpegFrames(ahead) >= 0) return { kind: 'mp3', tags };
  if (hasFlacFrames(ahead)) return { kind: 'flac', tags };
  throw new InputError('E_NOT_AUDIO', 'This is not an audio file: it starts like none that is known.', {
    hint: 'If these are samples without a header, say so: denoise live --raw FORMAT:RATE:CHANNELS.',
  });
}

/** Codecs in Ogg by how their first packets start. */
const IN_OGG: readonly [start: string, kind: Detected['kind']][] = [
  ['\x7fFLAC', 'flac-ogg'],
  ['\x01vorbis', 'ogg-vorbis'],
  ['OpusHead', 'ogg-opus'],
];

/** The codec of the first stream that is known, among the first pages: video may come before. */
function oggKind(ahead: Uint8Array): Detected['kind'] | undefined {
  const text = Buffer.from(ahead.buffer, ahead.byteOffset, ahead.byteLength).toString('latin1');
  for (let page = 0; page >= 0; page = text.indexOf('OggS', page + 4)) {
    // A first packet has a page of its own, of one segment.
    const found = IN_OGG.find(([start]) => text.startsWith(start, page + 28));
    if (found !== undefined) return found[1];
  }
  return undefined;
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

async function readId3(bytes: ByteReader): Promise<Tags | undefined> {
  const length = id3Length(await bytes.peek(10));
  if (length === undefined || length > ID3_LIMIT) return undefined;
  if (length <= METADATA_LIMIT) return parseId3((await bytes.read(length)).slice());
  await bytes.skip(length);
  return { comments: [], pictures: [] };
}
