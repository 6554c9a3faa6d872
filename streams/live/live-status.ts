import type { DenoiseError } from '../../src/errors.js';
import type { Denoise } from '../denoise/denoise.js';
import type { Mode } from '../radio/modes.js';
import type { AudioSink } from '../sinks/audio-sink.js';
import { SpeakerSink } from '../sinks/speaker.js';
import type { AudioSource, IqSource, SourceNotice } from '../sources/chunk-source.js';
import type { LatencyMeter } from './latency-meter.js';
import type { LevelMeter } from './level-meter.js';
import type { LiveRadio } from './live-radio.js';

/** Loudness of the sound at a place in the chain, dBFS and dB; `null` where there is nothing to measure. */
export interface LevelStatus {
  rmsDb: number | null;
  peakDb: number | null;
  snrDb: number | null;
}

/**
 * From sample in to sample out, milliseconds: means over the last blocks, each of its oldest sample, and the share that
 * only one in a hundred exceeds. `totalMs` is the sum of the three shares.
 */
export interface LatencyStatus {
  totalMs: number;
  p99Ms: number;
  /** From the aerial until it arrived here: what driver, network and the filling of a block hold back. */
  sourceMs: number;
  /** Between, as measured: filters, model, waiting for the threads. */
  ownMs: number;
  /** What waits for the speaker, and its own buffer; 0 for files and pipes. */
  sinkMs: number;
  /** The part of `ownMs` that filters and model would need on an infinitely fast machine. */
  declaredMs: number;
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
  latency: LatencyStatus | null;
  sink: { droppedSeconds: number; underruns: number };
}

/** Where the source stands, with what it lost in seconds of its own rate. */
export function sourceStatus(source: AudioSource | IqSource): LiveStatus['source'] {
  const { kind, sampleRate, stats } = source;
  const lostSeconds = Number(stats.lostSamples) / sampleRate;
  return { kind, state: stats.state, sampleRate, lostSeconds, retries: stats.retries };
}

/** What the receiver is tuned to and measures; levels in dB rounded to a tenth, `null` where there is none yet. */
export function radioStatus(radio: LiveRadio): NonNullable<LiveStatus['radio']> {
  const { frequencyHz, mode, status } = radio;
  return {
    frequencyHz,
    mode,
    levelDb: finite(status?.levelDb),
    snrDb: finite(status?.snrDb),
    squelchOpen: status?.squelchOpen ?? false,
    afcHz: Math.round(status?.afcHz ?? 0),
    ctcssHz: status?.ctcssHz ?? null,
  };
}

/** What all sinks together dropped, in seconds, and how often they ran dry. */
export function sinkStatus(sinks: readonly AudioSink[]): LiveStatus['sink'] {
  const dropped = sinks.map(({ stats, format }) => Number(stats.droppedSamples) / format.sampleRate);
  return {
    droppedSeconds: dropped.reduce((sum, seconds) => sum + seconds, 0),
    underruns: sinks.reduce((sum, { stats }) => sum + stats.underruns, 0),
  };
}

/** The mean is of one second or two: it shows at once what has changed. */
const MEAN_BLOCKS = 128;

/** @param ownSeconds What the stages declare. @param sinks Each with the delay before it, seconds. */
export function latencyStatus(
  meter: LatencyMeter,
  ownSeconds: number,
  sinks: readonly { sink: AudioSink; latencySeconds: number }[],
): LatencyStatus | null {
  const mean = meter.mean(MEAN_BLOCKS);
  if (mean === undefined) return null;
  const resamplingMs = 1000 * Math.max(0, ...sinks.map(({ latencySeconds }) => latencySeconds));
  const sinkMs = Math.round(
    1000 * Math.max(0, ...sinks.map(({ sink }) => (sink instanceof SpeakerSink ? sink.delaySeconds : 0))),
  );
  const sourceMs = Math.round(mean.source);
  const ownMs = Math.round(mean.total - mean.source + resamplingMs);
  return {
    totalMs: sourceMs + ownMs + sinkMs,
    p99Ms: Math.round(meter.percentile(0.99)!.total + resamplingMs) + sinkMs,
    sourceMs,
    ownMs,
    sinkMs,
    declaredMs: Math.round(1000 * ownSeconds + resamplingMs),
  };
}

/** Something that a listener should know. */
export type LiveNotice =
  | { kind: 'source'; notice: SourceNotice }
  | { kind: 'overload'; passing: boolean }
  /** The sound has another rate from now on, Hz: that of another mode. */
  | { kind: 'rate'; sampleRate: number }
  /** A recording goes on in another file. */
  | { kind: 'file'; path: string }
  /** One of several outputs has failed; the others go on. */
  | { kind: 'sink-failed'; error: DenoiseError }
  | { kind: 'denoiser-failed'; error: DenoiseError };

/** One sentence for a reader. */
export function describeNotice(event: LiveNotice): string {
  if (event.kind === 'overload')
    return event.passing
      ? 'The machine does not keep up: the sound passes through undenoised.'
      : 'The machine keeps up again: the sound is denoised.';
  if (event.kind === 'denoiser-failed')
    return `The sound passes through undenoised from now on: ${event.error.message}`;
  if (event.kind === 'rate') return `The sound has ${event.sampleRate / 1000} kHz from now on.`;
  if (event.kind === 'file') return `The recording goes on in ${event.path}.`;
  if (event.kind === 'sink-failed') return `${event.error.message} The other outputs go on.`;
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

/** Levels in dB rounded to a tenth; `null` where there is none yet. */
export function levelStatus(meter: LevelMeter): LevelStatus {
  return { rmsDb: finite(meter.rmsDb), peakDb: finite(meter.peakDb), snrDb: finite(meter.snrDb) };
}

/** What the denoiser does at the moment, and the time it takes. */
export function denoiserStatus(stage: Denoise): NonNullable<LiveStatus['denoiser']> {
  const { stats, times, sampleRate } = stage;
  const [p50, p99] = times.percentiles(0.5, 0.99).map((ms) => Number(ms.toFixed(2)));
  return {
    strength: stage.strength,
    appliedStrength: Number(stage.appliedStrength.toFixed(2)),
    bypass: stage.bypass,
    music: stage.musicShare > 0.5,
    passing: stage.passing,
    overloads: stats.overloads,
    passedThroughSeconds: Number(stats.passedThroughSamples) / sampleRate,
    load: Number(times.load.toFixed(3)),
    hopMs: { p50, p99 },
  };
}
