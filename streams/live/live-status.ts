import type { Denoise } from '../denoise/denoise.js';
import { type Mode, modeDefaults } from '../radio/modes.js';
import type { ResolvedOptions } from '../radio/receiver-options.js';
import type { AudioSink } from '../sinks/audio-sink.js';
import type { AudioSource, IqSource } from '../sources/chunk-source.js';
import { isTuner } from '../sources/tuner.js';
import type { FanOut } from './fan-out.js';
import type { LatencyMeter } from './latency-meter.js';
import type { LevelMeter } from './level-meter.js';
import type { LiveRadio } from './live-radio.js';

/** Loudness of the audio at a place in the chain, dBFS and dB; `null` where there is nothing to measure. */
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
  /** Audio given out so far. */
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
    /** Width of the channel, and its middle as seen from `frequencyHz`. */
    bandwidthHz: number;
    middleHz: number;
    /** From 0 up a ratio in dB, below 0 a level in dBFS; `null` where it is off. */
    squelchDb: number | null;
    /** Gains that the tuner has, dB; none where there is no tuner. */
    gainsDb: readonly number[];
    levelDb: number | null;
    snrDb: number | null;
    squelchOpen: boolean;
    afcHz: number;
    ctcssHz: number | null;
    /** Pulses that the noise blanker took out so far. */
    blankedPulses: number;
    /** Pitches of whistles that are taken out, Hz. */
    notchHz: number[];
    digital: boolean;
  } | null;
  input: LevelStatus;
  output: LevelStatus;
  denoiser: {
    /** Name of the model that is at work; `null` where it has none. */
    model: string | null;
    strength: number;
    /** What is really applied, after bypass and music. */
    appliedStrength: number;
    bypass: boolean;
    music: boolean;
    /** The machine does not keep up: the audio passes through for now. */
    passing: boolean;
    overloads: number;
    passedThroughSeconds: number;
    /** Time spent per time of audio: 1 is all there is. */
    load: number;
    hopMs: { p50: number; p99: number };
  } | null;
  latency: LatencyStatus | null;
  /** `clippedSamples`: beyond full scale, of all channels, in the output that had most. */
  sink: { droppedSeconds: number; underruns: number; clippedSamples: number };
}

/** Where the source stands, with what it lost in seconds of its own rate. */
function sourceStatus(source: AudioSource | IqSource): LiveStatus['source'] {
  const { kind, sampleRate, stats } = source;
  const lostSeconds = Number(stats.lostSamples) / sampleRate;
  return { kind, state: stats.state, sampleRate, lostSeconds, retries: stats.retries };
}

const squelchDb = ({ squelch, defaults }: ResolvedOptions): number | null =>
  squelch.kind === 'off' ? null : (squelch.thresholdDb ?? defaults.squelchDb);

/** What the receiver is tuned to and measures; levels in dB rounded to a tenth, `null` where there is none yet. */
function radioStatus(radio: LiveRadio): NonNullable<LiveStatus['radio']> {
  const { frequencyHz, mode, status, source, demodulate } = radio;
  const options = demodulate.receiver?.options;
  return {
    frequencyHz,
    mode,
    bandwidthHz: options?.bandwidthHz ?? modeDefaults(mode).bandwidthHz,
    middleHz: options?.middleHz ?? 0,
    squelchDb: options === undefined ? null : squelchDb(options),
    gainsDb: isTuner(source) ? source.gains : [],
    levelDb: finite(status?.levelDb),
    snrDb: finite(status?.snrDb),
    squelchOpen: status?.squelchOpen ?? false,
    afcHz: Math.round(status?.afcHz ?? 0),
    ctcssHz: status?.ctcssHz ?? null,
    blankedPulses: status?.blankedPulses ?? 0,
    notchHz: (status?.notchHz ?? []).map(Math.round),
    digital: status?.isDigital ?? false,
  };
}

/** What all sinks together dropped, in seconds, how often they ran dry, and what was too loud for them. */
function sinkStatus(sinks: readonly AudioSink[]): LiveStatus['sink'] {
  const dropped = sinks.map(({ stats, format }) => Number(stats.droppedSamples) / format.sampleRate);
  return {
    droppedSeconds: dropped.reduce((sum, seconds) => sum + seconds, 0),
    underruns: sinks.reduce((sum, { stats }) => sum + stats.underruns, 0),
    clippedSamples: Math.max(0, ...sinks.map(({ stats }) => stats.clippedSamples)),
  };
}

/** The mean is of one second or two: it shows at once what has changed. */
const MEAN_BLOCKS = 128;

/** @param ownSeconds What the stages declare. @param sinks Each with the delay before it, seconds. */
function latencyStatus(
  meter: LatencyMeter,
  ownSeconds: number,
  sinks: readonly { sink: AudioSink; latencySeconds: number }[],
): LatencyStatus | null {
  const mean = meter.mean(MEAN_BLOCKS);
  if (mean === undefined) return null;
  const resamplingMs = 1000 * Math.max(0, ...sinks.map(({ latencySeconds }) => latencySeconds));
  const sinkMs = Math.round(1000 * Math.max(0, ...sinks.map(({ sink }) => sink.delaySeconds ?? 0)));
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

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(1));

/** Levels in dB rounded to a tenth; `null` where there is none yet. */
export function levelStatus(meter: LevelMeter): LevelStatus {
  return { rmsDb: finite(meter.rmsDb), peakDb: finite(meter.peakDb), snrDb: finite(meter.snrDb) };
}

/** What the denoiser does at the moment, and the time it takes. */
export function denoiserStatus(stage: Denoise, model: string | null): NonNullable<LiveStatus['denoiser']> {
  const { stats, times, sampleRate } = stage;
  const [p50, p99] = times.percentiles(0.5, 0.99).map((ms) => Number(ms.toFixed(2)));
  return {
    model,
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

/** What a status is made of. */
export interface StatusParts {
  source: AudioSource | IqSource;
  radio: LiveRadio | undefined;
  levels: Pick<LiveStatus, 'seconds' | 'input' | 'output'>;
  denoiser: LiveStatus['denoiser'];
  /** In real time only. */
  latency: LatencyMeter | undefined;
  /** What the stages declare. */
  ownSeconds: number;
  outputs: FanOut;
}

/** A session's figures at this moment. */
export function liveStatus(parts: StatusParts): LiveStatus {
  const { source, radio, levels, denoiser, latency, ownSeconds, outputs } = parts;
  return {
    ...levels,
    source: sourceStatus(source),
    radio: radio === undefined ? null : radioStatus(radio),
    denoiser,
    latency: latency === undefined ? null : latencyStatus(latency, ownSeconds, outputs.delays),
    sink: sinkStatus(outputs.sinks),
  };
}
