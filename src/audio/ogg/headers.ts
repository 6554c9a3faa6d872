import { ByteReader } from '../byte-reader.js';
import { METADATA_LIMIT, parseVorbisComment, type Tags } from '../tags.js';
import { oggPackets } from './packets.js';

/** Whether a packet starts with a word, after `from` bytes. */
export function startsWith(packet: Uint8Array, word: string, from = 0): boolean {
  return Buffer.from(packet.subarray(from, from + word.length)).toString('latin1') === word;
}

/**
 * The first two packets of a stream, looked up without consuming them.
 *
 * @param wanted which stream, by its first packet
 * @returns fewer where the stream ends before
 */
export async function peekHeaders(
  bytes: ByteReader,
  wanted: (firstPacket: Uint8Array) => boolean,
): Promise<Uint8Array[]> {
  for (let size = 2 ** 14; ; size *= 8) {
    const ahead = (await bytes.peek(size)).slice();
    const found: Uint8Array[] = [];
    for await (const { data } of oggPackets(ByteReader.fromStream([ahead]), wanted)) {
      found.push(data);
      if (found.length === 2) return found;
    }
    if (ahead.length < size || size > 2 * METADATA_LIMIT) return found;
  }
}

/** Tags out of a comment packet. @param prefix what stands before them */
export function commentTags(packet: Uint8Array | undefined, prefix: string): Tags | undefined {
  if (packet === undefined || !startsWith(packet, prefix)) return undefined;
  return parseVorbisComment(packet.subarray(prefix.length));
}
