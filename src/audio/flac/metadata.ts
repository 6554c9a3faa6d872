import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import type { AudioWarning } from '../format.js';
import { METADATA_LIMIT, parseVorbisComment, type Tags } from '../tags.js';
import { parseFrameHeader } from './frame-header.js';
import { type FlacStreamInfo, parseStreamInfo, STREAM_INFO_BYTES } from './stream-info.js';

/** Kinds of metadata blocks (RFC 9639, section 8.1). */
export const BLOCK = { streamInfo: 0, application: 2, comment: 4, cueSheet: 5, picture: 6 } as const;

const KEPT: ReadonlySet<number> = new Set(Object.values(BLOCK));

/** The highest kind of block that any encoder writes. */
const LAST_KIND = 6;

/** What stands before the audio of a FLAC stream. */
export interface FlacMetadata {
  info: FlacStreamInfo | undefined;
  tags: Tags | undefined;
}

/**
 * Reads the metadata of a native FLAC stream, and leaves `bytes` at its first frame. Takes what stands in the wild: no
 * `fLaC` and no metadata at all, STREAMINFO behind other blocks, blocks whose length is wrong.
 *
 * @throws InputError `E_TRUNCATED` where the stream ends before it, `E_ZERO_RATE`, `E_CORRUPT`
 */
export async function readMetadata(bytes: ByteReader, warnings: AudioWarning[]): Promise<FlacMetadata> {
  if (Buffer.from(await bytes.peek(4)).toString('latin1') !== 'fLaC')
    return { info: undefined, tags: undefined };
  await bytes.skip(4);
  const tags: Tags = { comments: [], pictures: [] };
  const blocks: { type: number; data: Uint8Array }[] = [];
  const warn = (code: string, message: string) => {
    if (!warnings.some((warning) => warning.code === code)) warnings.push({ code, message });
  };
  let info: FlacStreamInfo | undefined;
  let kept = 0;
  let cut = false;
  for (let last = false; !last; ) {
    const head = await bytes.peek(16);
    cut = head.length < 4;
    if (cut) break;
    const type = head[0] & 0x7f;
    const size = (head[1] << 16) | (head[2] << 8) | head[3];
    const isFrame = parseFrameHeader(head, 0) !== undefined;
    const tooLong = size > (bytes.remaining ?? Infinity) - 4;
    if (type > LAST_KIND || isFrame || tooLong) {
      cut = tooLong && !isFrame;
      if (!isFrame) warn('W_METADATA_DROPPED', 'The metadata is damaged; the rest of it was left out.');
      break;
    }
    last = head[0] >= 0x80;
    await bytes.skip(4);
    if (!KEPT.has(type) || kept + size > METADATA_LIMIT) {
      if (KEPT.has(type)) warn('W_METADATA_DROPPED', `Metadata of ${size} bytes was too large to keep.`);
      await bytes.skip(size);
      continue;
    }
    const data = (await bytes.read(size)).slice();
    cut = data.length < size;
    if (cut) break;
    if (type === BLOCK.streamInfo) {
      if (size === STREAM_INFO_BYTES) info ??= parseStreamInfo(data);
      continue;
    }
    kept += size;
    if (type === BLOCK.comment) {
      const parsed = parseVorbisComment(data);
      if (parsed === undefined) warn('W_METADATA_DROPPED', 'The tags are damaged and were left out.');
      else tags.comments.push(...parsed.comments);
    } else if (type === BLOCK.picture) tags.pictures.push(data);
    else blocks.push({ type, data });
  }
  if (info === undefined && cut) {
    throw new InputError(
      'E_TRUNCATED',
      'The FLAC header ends before the sample rate and channels are known.',
      { hint: 'The file was cut off; get it again from where it came.' },
    );
  }
  return { info, tags: { ...tags, blocks } };
}
