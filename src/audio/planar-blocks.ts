import type { AudioFormat, AudioWarning } from './format.js';
import type { Tags } from './tags.js';

/** Kinds of files that can be read. */
export type Container =
  | 'wav'
  | 'wave64'
  | 'aiff'
  | 'au'
  | 'caf'
  | 'flac'
  | 'mp3'
  | 'ogg-vorbis'
  | 'ogg-opus'
  | 'ffmpeg'
  | 'raw';

/** Samples of one channel: single precision for all that is computed with, double where every bit is to be kept. */
export type Samples = Float32Array | Float64Array;

/** Makes the arrays that a reader fills. */
export type MakeSamples<T extends Samples> = (length: number) => T;

export const singlePrecision: MakeSamples<Float32Array> = (length) => new Float32Array(length);
export const doublePrecision: MakeSamples<Float64Array> = (length) => new Float64Array(length);

/** What every file reader offers: the format, known before any audio is read, and the audio in bounded blocks. */
export interface PlanarBlocks {
  readonly container: Container;
  readonly format: AudioFormat;
  /** Length in frames where it is known beforehand; less may come when the file was cut off. */
  readonly frames: number | undefined;
  /** Grows while reading. */
  readonly warnings: AudioWarning[];
  /** What the recording says about itself; `undefined` where it says nothing that could be kept. */
  readonly tags?: Tags;
  /**
   * One array per channel, full scale ±1; each block is the consumer's to keep. Can be iterated once.
   *
   * @param make the arrays: {@link doublePrecision} keeps 32-bit integers and doubles exactly.
   */
  blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]>;
  close(): Promise<void>;
}
