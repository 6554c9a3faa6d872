import type { DenoiseError } from '../../src/errors.js';
import type { Denoise } from '../denoise.js';
import type { LevelMeter } from '../level-meter.js';
import type { Mode } from '../radio/modes.js';
import type { SourceNotice } from '../sources/chunk-source.js';

/** Loudness of the sound at a place in the chain, dBFS and dB; `null` where there is nothing to measure. */
export interface LevelStatus {
  rmsDb: number | null;
  peakDb: number | null;
  snrDb: number | null;
}

/** A moment of a live session, ready to be shown or sent as JSON. */
export interface LiveStatus {
  /** Sound given out so far. */
  seconds: number;
  source: {
    kind: 'iq' | 'audio';
    state: string;
    sampleRate: number;
    lostSeconds: number;
    retries: number;
  };
  radio: {
    frequencyHz: number;
    mode: Mode;
    levelDb: number | null;
    snrDb: number | null;
    squelchOpen: boolean;
    afcHz: number;
    ctcssHz: number | null;
  } | null;
  input: LevelStatus;
  output: LevelStatus;
  denoiser: {
    strength: number;
    /** What is really applied, after bypass and music. */
    appliedStrength: number;
    bypass: boolean;
    music: boolean;
    /** The machine does not keep up: the sound passes through for now. */
    passing: boolean;
    overloads: number;
    passedThroughSeconds: number;
    /** Time spent per time of sound: 1 is all there is. */
    load: number;
    hopMs: { p50: number; p99: number };
  } | null;
  /** From sample in to sample out, milliseconds: all of it as measured, and the part that this program's own filters and model need. `null` when nothing comes by its own clock. */
  latency: { totalMs: number; p99Ms: number; ownMs: number } | null;
  sink: { droppedSeconds: number; underruns: number };
}

/** Something that a listener should know. */
export type LiveNotice =
  | { kind: 'source'; notice: SourceNotice }
  | { kind: 'overload'; passing: boolean }
  | { kind: 'denoiser-failed'; error: DenoiseError };

/** One sentence for a reader. */
export function describeNotice(event: LiveNotice): string {
  if (event.kind === 'overload')
    return event.passing
      ? 'The machine does not keep up: the sound passes through undenoised.'
      : 'The machine keeps up again: the sound is denoised.';
  if (event.kind === 'denoiser-failed')
    return `The sound passes through undenoised from now on: ${event.error.message}`;
  const { notice } = event;
  switch (notice.kind) {
    case 'lost': {
      const count = notice.lostSamples === undefined ? 'Samples' : `${notice.lostSamples} samples`;
      return `${count} were lost${notice.estimated ? ' (by the clock)' : ''}: ${notice.reason}.`;
    }
    case 'retry':
      return `${notice.error.message} Trying again in ${(notice.delayMs / 1000).toFixed(1)} s.`;
    case 'resumed':
      return `The source is back after ${(notice.silentMs / 1000).toFixed(1)} s.`;
    case 'warning':
      return notice.message;
  }
}

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(1));

export function levelStatus(meter: LevelMeter): LevelStatus {
  return { rmsDb: finite(meter.rmsDb), peakDb: finite(meter.peakDb), snrDb: finite(meter.snrDb) };
}

export function denoiserStatus(stage: Denoise | undefined, sampleRate: number): LiveStatus['denoiser'] {
  if (stage === undefined) return null;
  const { stats, times } = stage;
  return {
    strength: stage.strength,
    appliedStrength: Number(stage.appliedStrength.toFixed(2)),
    bypass: stage.bypass,
    music: stage.musicShare > 0.5,
    passing: stage.passing,
    overloads: stats.overloads,
    passedThroughSeconds: Number(stats.passedThroughSamples) / sampleRate,
    load: Number(times.load.toFixed(3)),
    hopMs: { p50: Number(times.percentile(0.5).toFixed(2)), p99: Number(times.percentile(0.99).toFixed(2)) },
  };
}

export { finite as finiteOrNull };
