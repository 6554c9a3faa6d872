import { InputError } from '../../errors.js';
import { startsWith } from './headers.js';

/** Opus is decoded at this rate, whatever it was made from, Hz. */
export const OPUS_RATE = 48_000;

/** The identification header of Opus in Ogg (RFC 7845, section 5.1). */
export interface OpusHead {
  channels: number;
  /** Samples at 48 kHz that the decoder gives before the recording starts. */
  preSkip: number;
  /** By what the decoded audio is to be multiplied. */
  gain: number;
  streams: number;
  coupledStreams: number;
  /** Which decoded channel each channel is. */
  mapping: number[];
}

/** Whether a stream of Ogg is Opus, by its first packet. */
export function isOpus(packet: Uint8Array): boolean {
  return startsWith(packet, 'OpusHead');
}

/** @throws InputError `E_TRUNCATED`, `E_CORRUPT`, `E_UNSUPPORTED` */
export function parseOpusHead(packet: Uint8Array | undefined): OpusHead {
  if (packet === undefined || packet.length < 19)
    throw new InputError('E_TRUNCATED', 'The Opus header is truncated.');
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const channels = view.getUint8(9);
  const family = view.getUint8(18);
  const common = {
    channels,
    preSkip: view.getUint16(10, true),
    gain: 10 ** (view.getInt16(16, true) / 256 / 20),
  };
  if (view.getUint8(8) > 15)
    throw new InputError('E_UNSUPPORTED', 'The Opus stream is of a version to come.');
  if (family === 0 && (channels === 1 || channels === 2)) {
    return { ...common, streams: 1, coupledStreams: channels - 1, mapping: channels === 1 ? [0] : [0, 1] };
  }
  if (family > 1 && family !== 255) {
    throw new InputError(
      'E_UNSUPPORTED',
      `The Opus stream has channels of family ${family}, which are not read.`,
    );
  }
  const [streams, coupledStreams] = [view.getUint8(19), packet.length > 20 ? view.getUint8(20) : 0];
  const mapping = Array.from(packet.subarray(21, 21 + channels));
  const decoded = streams + coupledStreams;
  const valid =
    channels > 0 &&
    mapping.length === channels &&
    streams > 0 &&
    coupledStreams <= streams &&
    mapping.every((from) => from === 255 || from < decoded);
  if (!valid || (family === 1 && channels > 8)) {
    throw new InputError('E_CORRUPT', 'The Opus header maps its channels in a way that cannot be.');
  }
  return { ...common, streams, coupledStreams, mapping };
}

/** Samples at 48 kHz of a packet, by its first two bytes (RFC 6716, section 3.1); 0 for none. */
export function packetSamples(packet: Uint8Array): number {
  if (packet.length === 0) return 0;
  const config = packet[0] >> 3;
  // SILK 10 to 60 ms, hybrid 10 and 20 ms, CELT 2.5 to 20 ms.
  const frame =
    config < 12
      ? [480, 960, 1920, 2880][config & 3]
      : config < 16
        ? [480, 960][config & 1]
        : 120 << (config & 3);
  const code = packet[0] & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : packet.length > 1 ? packet[1] & 63 : 0;
  return Math.min(5760, frame * count);
}
