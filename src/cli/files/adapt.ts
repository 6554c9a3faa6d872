import type { Checkpoint } from '../../../models/checkpoint.js';
import type { OpenedModel } from '../../../models/open-model.js';
import type { FileTask } from '../../../streams/file/denoise-file.js';
import { Model, type ModelOptions } from '../../engine/model.js';
import { InputError } from '../../errors.js';
import { type Adaptation, adaptToRecording } from '../../online/adapt-recording.js';
import { replayFolders } from '../../online/replay.js';
import { readMono } from '../../training/data/clip-reader.js';
import type { TimeRange } from '../time-range.js';

/** How a model is tuned to a recording before it denoises it. */
export interface AdaptChoice {
  /** How long to train, seconds. Default: that of {@link adaptToRecording}. */
  seconds?: number;
  /** Where there is noise alone. Default: it is looked for. */
  noiseFrom?: TimeRange;
  /** Replay corpus. Default: the one that ships. */
  replay?: string;
}

/** What `--json` says of it. */
export type AdaptReport = Omit<Adaptation, 'checkpoint'> & { tuned: boolean; elapsedSeconds: number };

/**
 * Tunes a model to a recording.
 * @returns the model to denoise it with, which the caller closes where it is not `model`
 * @throws InputError `E_NOISE_FROM` where the recording ends before that
 */
export async function adaptTo(
  { input }: FileTask,
  { checkpoint }: OpenedModel,
  model: Model,
  { seconds, noiseFrom, replay }: AdaptChoice,
  options: ModelOptions & { signal: AbortSignal; onStage(text: string): void },
): Promise<{ model: Model; report: AdaptReport }> {
  const start = performance.now();
  const { sampleRate } = model.info;
  const samples = await readMono(input, sampleRate);
  const noise = noiseFrom && [inSamples(noiseFrom, samples.length, sampleRate, input)];
  const { signal, onStage, ...modelOptions } = options;
  const adaptation = await adaptToRecording(samples, checkpoint, model, {
    ...(seconds !== undefined && { seconds }),
    ...(noise !== undefined && { noise }),
    replay: replayFolders(replay),
    signal,
    onStage,
  });
  const { checkpoint: tuned, ...measured } = adaptation;
  const elapsedSeconds = (performance.now() - start) / 1000;
  return {
    model: tuned === undefined ? model : await load(tuned, modelOptions),
    report: { tuned: tuned !== undefined, ...measured, elapsedSeconds },
  };
}

const load = ({ bytes }: Checkpoint, options: ModelOptions): Promise<Model> =>
  Model.fromBytes(bytes, options);

function inSamples({ from, to }: TimeRange, length: number, sampleRate: number, input: string) {
  const end = Math.min(length, Math.round(to * sampleRate));
  const start = Math.round(from * sampleRate);
  if (start < end) return { from: start, to: end };
  throw new InputError('E_NOISE_FROM', `${input} ends after ${(length / sampleRate).toFixed(1)} s.`, {
    hint: 'Give a stretch inside of it, such as --noise-from 0:00-0:02.',
  });
}

/** For a reader: which model was used, and why. */
export function describeAdaptation({ tuned, reason, noiseSeconds }: AdaptReport): string {
  return tuned
    ? `  tuned to ${noiseSeconds.toFixed(1)} s of its noise: ${reason}`
    : `  the model as it was, not tuned: ${reason}`;
}
