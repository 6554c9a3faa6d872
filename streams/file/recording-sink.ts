import type { Planar } from '../../src/audio/pcm.js';

/** Takes a recording block by block, and keeps it only when told so. */
export interface RecordingSink {
  /** Samples that had to be clipped at full scale so far. */
  readonly clipped: number;
  /** Takes the next samples, `[channels][time]`. */
  write(samples: Planar): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}
