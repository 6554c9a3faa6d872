import type { MusicChoice } from '../../src/engine/music-choice.js';
import type { Clock } from '../clock.js';
import type { LiveDenoiser } from './live-denoiser.js';

export interface DenoiseStreamOptions {
  /** Hz. */
  sampleRate: number;
  channels: number;
  denoiser: LiveDenoiser;
  /** How much of the denoising is applied, 0 … 1; default 1. */
  strength?: number;
  /** Pass the audio through, with the same delay; default false. */
  bypass?: boolean;
  /** Whether music is left in (see `MusicGuard`): `on` counts notes with vibrato as music, too. Default `auto`. */
  music?: MusicChoice;
  /** The source has a clock of its own: pass audio through rather than delay it. Default true. */
  realtime?: boolean;
  /** Real time only: how late the denoiser may be before audio passes through, seconds; default 0.25. */
  maxLateSeconds?: number;
  /** Real time only: longest block that the source sends at once, seconds; waiting for it is not lateness. Default 0. */
  blockSeconds?: number;
  /** Length of the model's hop, seconds, for the statistics of its time; default 0.016. */
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
