import type { AudioFormat } from './format.js';
import type { Planar } from './pcm.js';

/** What every writer of audio offers. Calls must not overlap: await each before the next. */
export interface AudioWriter {
  readonly format: AudioFormat;
  /** Frames written so far. */
  readonly frames: number;
  /** Samples that had to be clipped at full scale so far. */
  readonly clipped: number;
  /** Appends a block, one array per channel, all of the same length. */
  write(samples: Planar): Promise<void>;
  /** Makes what was written so far a valid file, should the process be killed; nothing on pipes. */
  syncHeader(): Promise<void>;
  /** Completes the file. */
  finish(): Promise<void>;
}
