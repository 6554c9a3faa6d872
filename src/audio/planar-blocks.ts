import type { AudioFormat, AudioWarning } from './format.js';

/** What every file reader offers: the format, known before any audio is read, and the audio in bounded blocks. */
export interface PlanarBlocks {
  readonly container: 'wav' | 'flac' | 'raw';
  readonly format: AudioFormat;
  /** Length in frames where it is known beforehand; less may come when the file was cut off. */
  readonly frames: number | undefined;
  /** Grows while reading. */
  readonly warnings: AudioWarning[];
  /** One array per channel, full scale ±1; each block is the consumer's to keep. Can be iterated once. */
  blocks(): AsyncGenerator<Float32Array[]>;
  close(): Promise<void>;
}
