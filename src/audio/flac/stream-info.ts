import { InputError } from '../../errors.js';
import type { AudioFormat } from '../format.js';

/** What the STREAMINFO block of a FLAC stream declares (RFC 9639, section 8.2). */
export interface FlacStreamInfo extends AudioFormat {
  /** Bits per sample, 4 to 32. */
  bits: number;
  /** Length in frames; `undefined` where the encoder did not know it. */
  frames?: number;
}

/** Bytes from the start of a stream (`fLaC`) to the end of STREAMINFO, which always comes first. */
export const STREAM_INFO_END = 4 + 4 + 34;

/**
 * Parses the first {@link STREAM_INFO_END} bytes of a FLAC stream.
 *
 * @throws InputError `E_TRUNCATED`, `E_CORRUPT`, `E_ZERO_RATE`
 */
export function parseStreamInfo(head: Uint8Array): FlacStreamInfo {
  if (head.length < STREAM_INFO_END) {
    throw new InputError(
      'E_TRUNCATED',
      'The FLAC header ends before the sample rate and channels are known.',
      {
        hint: 'The file was cut off; get it again from where it came.',
      },
    );
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if ((head[4] & 0x7f) !== 0 || view.getUint32(4) % 2 ** 24 !== 34) {
    throw new InputError('E_CORRUPT', 'The FLAC stream does not start with its STREAMINFO block.');
  }
  const packed = view.getUint32(18);
  const sampleRate = packed >>> 12;
  const channels = ((packed >>> 9) & 7) + 1;
  const bits = ((packed >>> 4) & 31) + 1;
  const frames = (packed & 15) * 2 ** 32 + view.getUint32(22);
  if (sampleRate === 0) throw new InputError('E_ZERO_RATE', 'The FLAC header says 0 Hz: not audio.');
  const container = Math.ceil(bits / 8) * 8;
  return {
    sampleRate,
    channels,
    bits,
    sampleFormat: container === 8 ? 'u8' : container === 16 ? 's16' : container === 24 ? 's24' : 's32',
    ...(container === bits ? {} : { validBits: bits }),
    ...(frames === 0 ? {} : { frames }),
  };
}
