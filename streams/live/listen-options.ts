import type { AudioChunk, SignalState } from '../../src/audio/chunk.js';
import type { IqChunk } from '../sources/iq-chunk.js';
import type { ListenerBudget } from './attachment.js';
import type { LiveEvent } from './events.js';
import type { LevelStatus } from './live-status.js';
import type { SpectrumFrame } from './spectrum-taker.js';

/** Where in the session audio is taken: before the denoiser, after it, and after the gate, as the outputs get it. */
export type AudioPlace = 'received' | 'denoised' | 'output';

/** Levels at a moment, in step with the audio that leaves, and the state of its signal where it comes from a radio. */
export interface LevelsFrame extends SignalState {
  /** Audio given out so far, seconds. */
  seconds: number;
  /** Before the denoiser, and after the gate. */
  input: LevelStatus;
  output: LevelStatus;
}

/** What a listener can ask for, and the type of the items it then gets. */
export interface ListenerItems {
  received: AudioChunk;
  denoised: AudioChunk;
  output: AudioChunk;
  iq: IqChunk;
  spectrum: SpectrumFrame;
  levels: LevelsFrame;
  events: LiveEvent;
}

/** Options that only some kinds of item have. */
interface ItemOptions {
  received: unknown;
  denoised: unknown;
  output: unknown;
  iq: unknown;
  spectrum: {
    /** Of what; default `iq` where the source is a radio, else `received`. */
    of?: AudioPlace | 'iq';
    /** Samples per frame, a multiple of 32 with no other factors than 2, 3 and 5; default 1024. */
    size?: number;
    /** Frames per second; default 10. */
    perSecond?: number;
  };
  levels: {
    /** Frames per second; default 10. */
    perSecond?: number;
  };
  events: unknown;
}

/** Options of `LiveSession.attach`. */
export type ListenOptions<W extends keyof ListenerItems = keyof ListenerItems> = W extends unknown
  ? {
      what: W;
      /** What to call the listener in events; default `what`. */
      name?: string;
      budget?: ListenerBudget;
    } & ItemOptions[W]
  : never;
