import { InputError } from '../../src/errors.js';
import type { IqFormat } from './iq-chunk.js';

/** How I and Q are stored in a file; the last three are turned into `cf32` when read. */
export type IqEncoding = IqFormat | 'cs24' | 'cs32' | 'cf64';

/** Bytes of one complex sample. */
export const FRAME_BYTES: Readonly<Record<IqEncoding, number>> = {
  cu8: 2,
  cs8: 2,
  cs16: 4,
  cs24: 6,
  cs32: 8,
  cf32: 8,
  cf64: 16,
};

/** A stretch of the file that holds samples, in bytes. */
export interface IqSegment {
  offset: number;
  bytes: number;
}

/** Where the samples of a recording lie and what they are. */
export interface IqLayout {
  /** File that holds the samples. */
  path: string;
  encoding: IqEncoding;
  /** Complex samples per second, Hz. */
  sampleRate: number;
  /** Centre frequency from each sample index on, ascending, the first at 0; Hz. */
  centres: readonly { firstSample: number; hz: number }[];
  /** Where samples lie, in order; found while reading, for files with a chunk every few milliseconds. */
  segments: () => AsyncIterable<IqSegment>;
  /** Things that are odd about the file but do not stop it from being read. */
  warnings: readonly string[];
}

/**
 * Bytes of `encoding`, a whole number of frames, as the samples of an `IqChunk`. `bytes` must start at an offset of its
 * buffer that fits the type (a fresh buffer does).
 */
export function decodeFrames(
  bytes: Buffer,
  encoding: IqEncoding,
): { format: IqFormat; samples: Uint8Array | Int8Array | Int16Array | Float32Array } {
  const { buffer, byteOffset, length } = bytes;
  switch (encoding) {
    case 'cu8':
      return { format: 'cu8', samples: new Uint8Array(buffer, byteOffset, length) };
    case 'cs8':
      return { format: 'cs8', samples: new Int8Array(buffer, byteOffset, length) };
    case 'cs16':
      return { format: 'cs16', samples: new Int16Array(buffer, byteOffset, length / 2) };
    case 'cf32':
      return { format: 'cf32', samples: new Float32Array(buffer, byteOffset, length / 4) };
    case 'cs24': {
      const samples = new Float32Array(length / 3);
      for (let i = 0; i < samples.length; i++) samples[i] = bytes.readIntLE(3 * i, 3) / 2 ** 23;
      return { format: 'cf32', samples };
    }
    case 'cs32': {
      const whole = new Int32Array(buffer, byteOffset, length / 4);
      return { format: 'cf32', samples: Float32Array.from(whole, (value) => value / 2 ** 31) };
    }
    case 'cf64':
      return { format: 'cf32', samples: Float32Array.from(new Float64Array(buffer, byteOffset, length / 8)) };
  }
}

/**
 * `rate` to the hertz: what metadata say beyond that is less than any crystal's error.
 *
 * @throws InputError when it is not a rate a recording can have: 1 Hz to 100 MHz.
 */
export function checkRate(rate: number | undefined, path: string): number {
  if (rate === undefined)
    throw new InputError('E_IQ_RATE_UNKNOWN', `The sample rate of ${path} is not in its name or header.`, {
      hint: 'Give it with --rate.',
    });
  const whole = Math.round(rate);
  if (!(whole > 0 && whole <= 100e6))
    throw new InputError('E_IQ_RATE', `${path} claims a sample rate of ${rate} Hz.`, {
      hint: 'Give the true one with --rate.',
    });
  return whole;
}
