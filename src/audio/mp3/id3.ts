import type { Tags } from '../tags.js';

/** Frames of text and the Vorbis comments that they become; three letters in ID3v2.2, four since. */
const NAMES: Readonly<Record<string, string>> = {
  TIT2: 'TITLE',
  TT2: 'TITLE',
  TPE1: 'ARTIST',
  TP1: 'ARTIST',
  TPE2: 'ALBUMARTIST',
  TP2: 'ALBUMARTIST',
  TALB: 'ALBUM',
  TAL: 'ALBUM',
  TRCK: 'TRACKNUMBER',
  TRK: 'TRACKNUMBER',
  TCON: 'GENRE',
  TCO: 'GENRE',
  TDRC: 'DATE',
  TYER: 'DATE',
  TYE: 'DATE',
  TCOM: 'COMPOSER',
  TCM: 'COMPOSER',
  TCOP: 'COPYRIGHT',
  TCR: 'COPYRIGHT',
};

/** Bytes of the head of a tag. */
const HEAD = 10;

/** Bytes of the tag that starts with `head`, its head included; `undefined` where none does. */
export function id3Length(head: Uint8Array): number | undefined {
  if (head.length < HEAD || head[0] !== 0x49 || head[1] !== 0x44 || head[2] !== 0x33) return undefined;
  const footer = (head[5] & 0x10) !== 0 ? HEAD : 0;
  return HEAD + sevenBits(head, 6) + footer;
}

/** Titles, names and pictures of an ID3v2 tag; what is not understood or damaged is left out (id3.org, ID3v2.2 to 2.4). */
export function parseId3(tag: Uint8Array): Tags {
  const tags: Tags = { comments: [], pictures: [] };
  const version = tag[3];
  const unsynchronised = (tag[5] & 0x80) !== 0;
  const body = unsynchronised && version < 4 ? synchronised(tag.subarray(HEAD)) : tag.subarray(HEAD);
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const idBytes = version === 2 ? 3 : 4;
  const headBytes = version === 2 ? 6 : 10;
  let at = version > 2 && (tag[5] & 0x40) !== 0 ? extendedHeader(view, version) : 0;
  while (at + headBytes < view.length) {
    const id = view.toString('latin1', at, at + idBytes);
    if (!/^[A-Z0-9]+$/.test(id)) break;
    const size =
      version === 2
        ? view.readUIntBE(at + 3, 3)
        : version === 3
          ? view.readUInt32BE(at + 4)
          : sevenBits(view, at + 4);
    let content: Uint8Array = view.subarray(at + headBytes, at + headBytes + size);
    if (version === 4) {
      const flags = view[at + 9];
      if ((flags & 1) !== 0) content = content.subarray(4);
      if (unsynchronised || (flags & 2) !== 0) content = synchronised(content);
    }
    addFrame(tags, id, content);
    at += headBytes + size;
  }
  return tags;
}

function extendedHeader(view: Buffer, version: number): number {
  if (view.length < 4) return view.length;
  return version === 3 ? 4 + view.readUInt32BE(0) : sevenBits(view, 0);
}

function addFrame(tags: Tags, id: string, content: Uint8Array): void {
  const name = NAMES[id];
  if (name !== undefined) {
    // Several values are divided by zeros.
    for (const text of decodeText(content[0], content.subarray(1)).split('\0')) {
      if (text !== '') tags.comments.push(`${name}=${text}`);
    }
  } else if (id === 'COMM' || id === 'COM') {
    const text = decodeText(content[0], content.subarray(4)).split('\0').at(-1);
    if (text) tags.comments.push(`COMMENT=${text}`);
  } else if (id === 'APIC') {
    const picture = flacPicture(content);
    if (picture !== undefined) tags.pictures.push(picture);
  }
}

/** Latin-1, UTF-16 with or without a byte order mark, UTF-8. */
function decodeText(encoding: number, bytes: Uint8Array): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 0) return view.toString('latin1');
  if (encoding === 3) return view.toString('utf8');
  const even = Buffer.from(view.subarray(0, view.length & ~1));
  const bigEndian = encoding === 2 || (even[0] === 0xfe && even[1] === 0xff);
  return (bigEndian ? even.swap16() : even).toString('utf16le').replaceAll('\ufeff', '');
}

/** An attached picture as the body of a FLAC picture block (RFC 9639, section 8.8); its size is not looked for. */
function flacPicture(content: Uint8Array): Uint8Array | undefined {
  const view = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const mimeEnd = view.indexOf(0, 1);
  if (mimeEnd < 0 || mimeEnd + 2 > view.length) return undefined;
  const mime = view.subarray(1, mimeEnd);
  const wide = view[0] === 1 || view[0] === 2;
  let end = mimeEnd + 2;
  while (end < view.length && (view[end] !== 0 || (wide && view[end + 1] !== 0))) end += wide ? 2 : 1;
  const data = view.subarray(end + (wide ? 2 : 1));
  if (data.length === 0) return undefined;
  const description = Buffer.from(decodeText(view[0], view.subarray(mimeEnd + 2, end)), 'utf8');
  const numbers = (...values: number[]) => {
    const out = Buffer.alloc(4 * values.length);
    values.forEach((value, i) => void out.writeUInt32BE(value, 4 * i));
    return out;
  };
  return Buffer.concat([
    numbers(view[mimeEnd + 1], mime.length),
    mime,
    numbers(description.length),
    description,
    numbers(0, 0, 0, 0, data.length),
    data,
  ]);
}

function sevenBits(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] & 127) << 21) |
    ((bytes[at + 1] & 127) << 14) |
    ((bytes[at + 2] & 127) << 7) |
    (bytes[at + 3] & 127)
  );
}

/** Without the zeros that were put in so that nothing looks like the start of a frame. */
function synchronised(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, i) => byte !== 0 || i === 0 || bytes[i - 1] !== 0xff);
}
