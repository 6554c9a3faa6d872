import { ByteReader } from '../byte-reader.js';
import { oggPackets } from './packets.js';

/** What stands before the native stream in the first packet: 0x7F, `FLAC`, version, number of headers (RFC 9639, section 10.1). */
const PREFIX = 9;

/** Whether a stream of Ogg is FLAC, by its first packet. */
export function isFlacInOgg(packet: Uint8Array): boolean {
  return Buffer.from(packet.subarray(0, 5)).toString('latin1') === '\x7fFLAC';
}

/** The native FLAC stream in an Ogg file: its packets are the metadata blocks and frames, one after another. */
export function flacInOgg(bytes: ByteReader): ByteReader {
  const native = async function* () {
    try {
      for await (const { data, first } of oggPackets(bytes, isFlacInOgg))
        yield first ? data.subarray(PREFIX) : data;
    } finally {
      await bytes.close();
    }
  };
  return ByteReader.fromStream(native());
}
