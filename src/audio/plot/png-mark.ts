/** A PNG says which program drew it, so that a picture of this program can be told from anybody else's file. */
import { open } from 'node:fs/promises';

/** Signature and header chunk, behind which other chunks may stand. */
const HEAD_BYTES = 8 + 25;

const MARK = textChunk('Software', 'denoise');

/** The picture with the mark in it. */
export function markPng(png: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, HEAD_BYTES), MARK, png.subarray(HEAD_BYTES)]);
}

/** Whether this program drew the picture; false for what is no picture. */
export async function isMarkedPng(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const found = Buffer.alloc(MARK.length);
    await file.read(found, 0, found.length, HEAD_BYTES);
    return found.equals(MARK);
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

/** A `tEXt` chunk (PNG, third edition, 11.3.3.2). */
function textChunk(key: string, text: string): Buffer {
  const body = Buffer.from(`tEXt${key}\0${text}`, 'latin1');
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** CRC-32 of PNG (annex D), bit by bit: for 21 bytes. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
