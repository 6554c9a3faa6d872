import type { Model } from '../../src/engine/model.js';
import { ModelError } from '../../src/errors.js';
import type { Mode } from '../radio/modes.js';
import type { SinkFormat } from '../sinks/audio-sink.js';

/** What denoises a stream: `FullBandDenoiser` in practice. Output sample n belongs to input sample n. */
export interface LiveDenoiser {
  /** By how many samples the output trails the input, the filling of a hop not counted. */
  readonly latencySamples: number;
  /** Takes `[channels][any number]` samples; gives as many as are ready. Calls do not overlap. */
  process(samples: readonly Float32Array[]): Promise<Float32Array[]>;
  /** The samples still owed; only `reset` may follow. */
  flush(): Promise<Float32Array[]>;
  /** Forgets everything that was heard. */
  reset(): void;
}

/** A denoiser for a stream of a certain format, and how to free it. */
export interface OpenDenoiser {
  denoiser: LiveDenoiser;
  /** Length of the model's hop, seconds. */
  hopSeconds: number;
  /** The model that it runs, if it runs one: two denoisers of one model are not exchanged for each other. */
  model?: Model;
  /** What to call it; default the model's own name. */
  name?: string;
  /** Longest delay of the denoisers that may take its place, samples, hop included; default its own. */
  mostDelaySamples?: number;
  close(): void;
}

/** Makes a denoiser for audio of a format; `mode` is that of the radio it comes from, if it comes from one. */
export type MakeDenoiser = (format: SinkFormat, mode?: Mode) => OpenDenoiser;

/** By how many samples the output trails the input at most: latency, and the filling of a hop. */
export function delayOf({ denoiser, hopSeconds }: OpenDenoiser, sampleRate: number): number {
  return denoiser.latencySamples + Math.ceil(hopSeconds * sampleRate - 1e-6);
}

/** @throws ModelError `E_SLOT_LATENCY` where a denoiser needs more than `mostSamples` of delay */
export function checkDelay(opened: OpenDenoiser, sampleRate: number, mostSamples: number): void {
  const needed = delayOf(opened, sampleRate);
  if (needed <= mostSamples) return;
  const ms = (samples: number) => Math.ceil((1000 * samples) / sampleRate);
  throw new ModelError(
    'E_SLOT_LATENCY',
    `The model needs a delay of ${ms(needed)} ms, and this stream has one of ${ms(mostSamples)} ms.`,
    { hint: 'Choose a faster model, or start the stream with more latency.' },
  );
}
