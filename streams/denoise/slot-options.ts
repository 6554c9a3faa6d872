import type { DenoiseError } from '../../src/errors.js';

export interface SlotOptions {
  /** Hz. */
  sampleRate: number;
  channels: number;
  /**
   * By how many samples the output trails the input at most, whatever denoiser is in the slot: latency plus a hop. Default:
   * what the first one needs, or its `mostDelaySamples`.
   */
  delaySamples?: number;
  /** Recent input that a newcomer is warmed with, seconds; default 2. */
  historySeconds?: number;
}

export interface SwapOptions {
  /**
   * Index of the input sample at which the cross-fade is to begin, counted from the first sample that the slot was given;
   * rounded up to a hop. The stream waits there until the newcomer is warm, so that the output depends on nothing but the
   * input. Left out, or past: as soon as the newcomer is warm.
   */
  at?: number;
}

export interface SlotEvents {
  /** A cross-fade has ended, or an empty slot was filled: the index of the sample where that began. */
  swapped: [at: number];
  /** The denoiser failed; the slot is empty until it is filled by a swap. */
  failed: [error: DenoiseError];
}
