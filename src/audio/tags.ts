/** What a recording says about itself, in the form of Vorbis comments and FLAC pictures, to which other forms are turned. */
export interface Tags {
  /** `NAME=value`, in order; names may repeat. */
  comments: string[];
  /** Bodies of FLAC picture blocks (RFC 9639, section 8.8). */
  pictures: Uint8Array[];
  /** Further blocks of a FLAC stream that still hold around other samples: applications' data and cue sheets. */
  blocks?: readonly { type: number; data: Uint8Array }[];
}

/** Metadata kept in memory, bytes over all parts: enough for cover pictures, small beside the audio. */
export const METADATA_LIMIT = 16 * 2 ** 20;

/** The comment that holds a picture in Ogg. */
const PICTURE = 'METADATA_BLOCK_PICTURE';

/**
 * Parses a Vorbis comment header without its framing (RFC 9639, section 8.6; Vorbis I, section 5.2.1).
 *
 * @returns `undefined` where the counts and lengths contradict the size.
 */
export function parseVorbisComment(bytes: Uint8Array): Tags | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const field = (): string | undefined => {
    if (at + 4 > view.length) return undefined;
    const end = at + 4 + view.readUInt32LE(at);
    if (end > view.length) return undefined;
    const text = view.toString('utf8', at + 4, end);
    at = end;
    return text;
  };
  if (field() === undefined || at + 4 > view.length) return undefined;
  const count = view.readUInt32LE(at);
  at += 4;
  const tags: Tags = { comments: [], pictures: [] };
  for (let i = 0; i < count; i++) {
    const comment = field();
    if (comment === undefined) return undefined;
    if (comment.toUpperCase().startsWith(`${PICTURE}=`)) {
      tags.pictures.push(Buffer.from(comment.slice(PICTURE.length + 1), 'base64'));
    } else tags.comments.push(comment);
  }
  return tags;
}

/**
 * The Vorbis comment header of tags.
 *
 * @param withPictures also as comments, as Ogg has them; FLAC has blocks of their own for these.
 */
export function vorbisComment(tags: Tags, withPictures: boolean): Uint8Array {
  const pictures = withPictures
    ? tags.pictures.map((picture) => `${PICTURE}=${Buffer.from(picture).toString('base64')}`)
    : [];
  const comments = [...tags.comments, ...pictures];
  const field = (text: string): Buffer => {
    const bytes = Buffer.from(text, 'utf8');
    return Buffer.concat([uint32(bytes.length), bytes]);
  };
  return Buffer.concat([field('denoise'), uint32(comments.length), ...comments.map(field)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
