import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { OpenedModel } from '../../../models/open-model.js';
import type { FileReport, FileTask } from '../../../streams/file/denoise-file.js';
import type { OutputContainer } from '../../audio/file-endings.js';
import type { Model, ModelOptions } from '../../engine/model.js';
import type { MusicChoice } from '../../engine/music-choice.js';
import { type DenoiseError, toDenoiseError } from '../../errors.js';
import type { CommandContext } from '../context.js';
import { Interrupted } from '../interrupt.js';
import { startProgress } from '../progress.js';
import { startStages } from '../stages.js';
import { describeReport, type UsedModel } from '../text/file-report.js';
import { printable } from '../text/printable.js';
import type { TimeRange } from '../time-range.js';
import type { AdaptReport } from './adapt.js';
import { PIPE } from './input-files.js';

/** How each recording is denoised. */
export interface AttemptOptions {
  strength: number;
  maxAttenuation?: number;
  music: MusicChoice;
  preview?: number;
  format?: OutputContainer;
  bits?: number;
  /** Seconds of training, or as long as usual. */
  adapt?: number | true;
  noiseFrom?: TimeRange;
  replay?: string;
}

/** The model that was asked for, and how it was loaded. */
interface Loaded extends ModelOptions {
  opened: OpenedModel;
  model: Model;
}

export type Outcome =
  | (FileReport & { adaptation?: AdaptReport })
  | { input: string; output: string; error: DenoiseError };

/** One recording. Its failure is reported and kept, so that the others are still done; an interruption is thrown on. */
export async function attempt(
  task: FileTask,
  loaded: Loaded,
  used: UsedModel,
  options: AttemptOptions,
  { output, signal }: CommandContext,
): Promise<Outcome> {
  const { maxAttenuation, strength, music, preview, format, bits } = options;
  signal.throwIfAborted();
  const label = printable(basename(task.input));
  let { model } = loaded;
  let stop = (): void => {};
  try {
    const stages = startStages(output, label);
    stop = stages.stop;
    const adapted = await adaptIfAsked(task, loaded, options, signal, stages.show);
    stop();
    model = adapted?.model ?? model;
    const progress = startProgress(output, label);
    stop = progress.stop;
    for (const path of [task.output, task.plot ?? PIPE]) await makeFolderOf(path);
    const { denoiseFile } = await import('../../../streams/file/denoise-file.js');
    const report = await denoiseFile(task, model, {
      strength: maxAttenuation ?? strength,
      music,
      ...(preview !== undefined && { seconds: preview }),
      format,
      bits,
      signal,
      onProgress: progress.update,
    });
    stop();
    for (const warning of report.warnings) output.warn(`${task.input}: ${warning.message}`);
    output.report(...describeReport(report, used, output), ...(adapted?.lines ?? []));
    return { ...report, ...(adapted !== undefined && { adaptation: adapted.report }) };
  } catch (thrown) {
    stop();
    if (thrown instanceof Interrupted) throw thrown;
    const error = toDenoiseError(thrown, `Cannot denoise ${task.input}`);
    output.error(error);
    return { input: task.input, output: task.output, error };
  } finally {
    if (model !== loaded.model) await model.close();
  }
}

/** The model tuned to the recording, or as it was where that is the better one. Training is loaded where it is asked for. */
async function adaptIfAsked(
  task: FileTask,
  { opened, model, ...modelOptions }: Loaded,
  { adapt, noiseFrom, replay }: AttemptOptions,
  signal: AbortSignal,
  onStage: (text: string) => void,
): Promise<{ model: Model; report: AdaptReport; lines: string[] } | undefined> {
  if (adapt === undefined && noiseFrom === undefined) return undefined;
  const { adaptTo, describeAdaptation } = await import('./adapt.js');
  const choice = { ...(typeof adapt === 'number' && { seconds: adapt }), noiseFrom, replay };
  const adapted = await adaptTo(task, opened, model, choice, { ...modelOptions, signal, onStage });
  return { ...adapted, lines: [describeAdaptation(adapted.report)] };
}

async function makeFolderOf(path: string): Promise<void> {
  if (path === PIPE) return;
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw toDenoiseError(error, `Cannot make the folder ${dirname(path)}`);
  }
}
