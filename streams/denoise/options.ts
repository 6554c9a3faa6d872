import type { Clock } from '../clock.js';
import type { LiveDenoiser } from './live-denoiser.js';

export interface DenoiseStreamOptions {
  /** Hz. */
  sampleRate: number;
  channels: number;
  denoiser: LiveDenoiser;
  /** How much of the denoising is applied, 0 … 1; default 1. */
  strength?: number;
  /** Leave the sound as it is, at the same delay; default false. */
  bypass?: boolean;
  /** Let music pass (see `music-guard.ts`); default true. */
  musicGuard?: boolean;
  /** The guard takes notes that wobble for music, too, not for the cry of a baby; default false. */
  musicExpected?: boolean;
  /** The sound comes by a clock of its own: rather pass it through than hold it up. Default true. */
  realtime?: boolean;
  /** Real time only: by how much the denoiser may lag before it is passed by, seconds; default 0.25. */
  maxLateSeconds?: number;
  /** Real time only: longest stretch that the source sends at once, seconds; it is no lateness. Default 0. */
  blockSeconds?: number;
  /** Length of a hop of the model, seconds, for the figures of its time; default 0.016. */
  hopSeconds?: number;
  clock?: Clock;
}

/** Running account of the stage; one object, kept up to date in place. */
export interface DenoiseStats {
  /** Samples per channel emitted. */
  samples: bigint;
  /** Samples emitted as they came because the denoiser was late or had failed. */
  passedThroughSamples: bigint;
  /** Times that happened. */
  overloads: number;
  discontinuities: number;
  lostSamples: bigint;
}
