import type { SkippedFile } from './library.js';

/** What a run learns from, and what was left out. Plain data. */
export interface DataSummary {
  /** Seconds of speech (or of pairs, or of noise to be learnt) that are trained on, and validated on. */
  trainingSeconds: number;
  validationSeconds: number;
  noiseSeconds: number;
  skipped: SkippedFile[];
  /** SHA-256 over all recordings that were loaded. */
  hash: string;
  /** How speakers were kept apart: see `splitLibrary`. */
  split: string;
}
