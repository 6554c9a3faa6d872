import { basename } from 'node:path';
import type { AudioFormat, AudioWarning, SampleFormat } from '../../src/audio/format.js';
import type { NoiseFloors } from '../../src/audio/noise-meter.js';
import { type AudioInput, openAudioInput } from '../../src/audio/open.js';
import { FullBandDenoiser } from '../../src/engine/full-band.js';
import { recordingDenoiser } from '../../src/engine/level-normaliser.js';
import type { Model } from '../../src/engine/model.js';
import type { MusicChoice } from '../../src/engine/music-choice.js';
import { MusicGuard } from '../../src/engine/music-guard.js';
import { InputError } from '../../src/errors.js';
import { AtomicFile } from '../../src/files/atomic-file.js';
import { isRegularFile } from '../../src/files/file-identity.js';
import { toOutputError } from '../../src/files/output-error.js';
import { AlignedChannels, type AlignedStretch } from './aligned-channels.js';
import { LimitedInput } from './limited-input.js';
import { type OutputChoice, openOutput } from './recording-output.js';
import type { RecordingSink } from './recording-sink.js';
import { RecordingTally } from './recording-tally.js';

/** One recording to denoise. */
export interface FileTask {
  /** Path of a recording, or `-` for stdin. */
  input: string;
  /** Path of the file to write, or `-` for stdout. */
  output: string;
  /** Path of a PNG with the spectrograms before and after. */
  plot?: string;
}

export interface FileOptions extends OutputChoice {
  /** 0 (every bit as it was) to 1 (all that the model takes out), default 1. */
  strength?: number;
  /** Whether music is left in (`MusicGuard`): `on` counts notes with vibrato as music, too. Default `auto`. */
  music?: MusicChoice;
  /** Only so many seconds from the beginning; default all. */
  seconds?: number;
  /** Stops the work: nothing is left behind, and the signal's reason is thrown. */
  signal?: AbortSignal;
  /** Told now and then how many seconds of audio are done, of how many (`undefined`: unknown, a pipe). */
  onProgress?: (doneSeconds: number, totalSeconds: number | undefined) => void;
}

/** What was done with one recording. */
export interface FileReport extends FileTask {
  /** Length of the recording. */
  seconds: number;
  /** Hz. */
  sampleRate: number;
  channels: number;
  sampleFormat: SampleFormat;
  strength: number;
  /** Level of the pauses before and after, which says nothing of the speech; `null` where there was no noise to measure. */
  noiseFloor: NoiseFloors | null;
  /** For how long music was left in, seconds; where half of the denoising was applied, half of the time counts. */
  musicSeconds: number;
  /** Wall time. */
  elapsedSeconds: number;
  /** `seconds / elapsedSeconds`. */
  timesRealTime: number;
  warnings: AudioWarning[];
}

/** Stands for stdin and stdout. */
const PIPE = '-';

interface Closable {
  close(): void | Promise<void>;
}

/** Blocks under way at a time: while one is written, each of two channels works on another, and one is being read. */
const BLOCKS_UNDER_WAY = 4;

/**
 * Denoises one recording from file to file, or through pipes, in constant memory. Rate, channels, sample format, length
 * and metadata stay as they are; the output appears under its name only when it is complete.
 *
 * @throws InputError where the input is no recording, or holds samples that are not numbers (`E_NAN_SAMPLES`).
 * @throws OutputError where the output cannot be written.
 */
export async function denoiseFile(
  task: FileTask,
  model: Model,
  options: FileOptions = {},
): Promise<FileReport> {
  const { strength = 1, music = 'auto', signal } = options;
  const start = performance.now();
  // Reading a pipe on which nothing comes can only be ended by closing it.
  const unblock = () => void process.stdin.destroy();
  if (task.input === PIPE) signal?.addEventListener('abort', unblock, { once: true });
  const toClose: Closable[] = [];
  try {
    const input = await openInput(task.input, options);
    toClose.push(input);
    const tally = await RecordingTally.create(input.format, task.plot !== undefined);
    // What comes through a pipe cannot be read a second time, whatever its name.
    const from = (await isRegularFile(task.input)) ? task.input : undefined;
    const to = task.output === PIPE ? undefined : task.output;
    const output = await openOutput(
      input,
      from,
      to,
      options,
      strength === 0 && options.seconds === undefined,
    );
    const guard =
      strength === 0 || music === 'off'
        ? undefined
        : new MusicGuard(input.format.sampleRate, { strength, musicExpected: music === 'on' });
    try {
      const stretches =
        strength === 0
          ? untouched(input, output)
          : denoised(input, openChannels(model, input.format, strength, toClose), guard, output);
      for await (const stretch of stretches) {
        signal?.throwIfAborted();
        refuseNan(input);
        tally.add(stretch);
        options.onProgress?.(tally.seconds, secondsOf(input));
      }
      await output.commit();
    } catch (error) {
      await output.abort();
      throw error;
    }
    if (task.plot !== undefined) await writePlot(task.plot, tally, basename(input.name), task.input);
    const elapsedSeconds = (performance.now() - start) / 1000;
    return {
      ...task,
      seconds: tally.seconds,
      sampleRate: input.format.sampleRate,
      channels: input.format.channels,
      sampleFormat: input.format.sampleFormat,
      strength,
      noiseFloor: tally.noiseFloors,
      musicSeconds: guard?.easedSeconds ?? 0,
      elapsedSeconds,
      timesRealTime: tally.seconds / elapsedSeconds,
      warnings: [...input.warnings, ...clippingOf(output)],
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', unblock);
    await Promise.all(toClose.map((one) => one.close()));
  }
}

async function openInput(path: string, { seconds, signal }: FileOptions): Promise<AudioInput> {
  const whole =
    path === PIPE
      ? await openAudioInput(process.stdin, { name: 'stdin' })
      : await openAudioInput(path, { signal });
  return seconds === undefined ? whole : new LimitedInput(whole, seconds);
}

/** Writes the recording as it is, every bit of it. */
async function* untouched(input: AudioInput, output: RecordingSink): AsyncGenerator<AlignedStretch> {
  for await (const samples of input.exactBlocks()) {
    await output.write(samples);
    const same = samples.map((channel) => Float32Array.from(channel));
    yield { before: same, after: same };
  }
}

/** Writes the recording as it comes out of the denoisers, which work on several blocks at a time. */
async function* denoised(
  input: AudioInput,
  channels: AlignedChannels,
  guard: MusicGuard | undefined,
  output: RecordingSink,
): AsyncGenerator<AlignedStretch> {
  const finish = async (work: Promise<AlignedStretch>): Promise<AlignedStretch> => {
    const stretch = await work;
    guard?.ease(stretch.before, stretch.after);
    await output.write(stretch.after);
    return stretch;
  };
  const underWay: Promise<AlignedStretch>[] = [];
  for await (const { samples } of input) {
    refuseNan(input);
    const work = channels.process(samples);
    // Awaited below; this keeps a failure from counting as unhandled until then.
    work.catch(() => {});
    underWay.push(work);
    if (underWay.length === BLOCKS_UNDER_WAY) yield finish(underWay.shift()!);
  }
  for (const work of underWay) yield finish(work);
  yield finish(channels.flush());
}

function secondsOf({ frames, format }: AudioInput): number | undefined {
  return frames === undefined ? undefined : frames / format.sampleRate;
}

function clippingOf({ clipped }: RecordingSink): AudioWarning[] {
  if (clipped === 0) return [];
  return [{ code: 'W_CLIPPED', message: `${clipped} samples were beyond full scale and were clipped.` }];
}

/** One denoiser of one channel for each channel: they do not wait for one another. */
function openChannels(
  model: Model,
  { channels, sampleRate }: AudioFormat,
  strength: number,
  toClose: Closable[],
): AlignedChannels {
  const streams = Array.from({ length: channels }, () => model.createStream());
  toClose.push(...streams);
  return new AlignedChannels(
    streams.map(
      (stream) =>
        new FullBandDenoiser({ sampleRate, denoisers: [recordingDenoiser(model, stream)], strength }),
    ),
  );
}

/** NaN samples mean that the recording is damaged; an error is better than a guess. */
function refuseNan(input: AudioInput): void {
  const warning = input.warnings.find(({ code }) => code === 'W_NAN_SAMPLES');
  if (warning === undefined) return;
  throw new InputError('E_NAN_SAMPLES', `${input.name}: the recording holds NaN samples.`, {
    hint: 'Export it again from the program that wrote it.',
  });
}

async function writePlot(path: string, tally: RecordingTally, title: string, input: string): Promise<void> {
  const png = tally.draw(title);
  if (png === undefined) return;
  const file = await AtomicFile.create(path, input === PIPE ? [] : [input]);
  try {
    await file.target.write(png);
    await file.commit();
  } catch (error) {
    await file.abort();
    throw toOutputError(error, path);
  }
}

/** The largest number of channels of the recordings; those that cannot be read are left for later, a pipe counts as two. */
export async function mostChannels(tasks: readonly FileTask[]): Promise<number> {
  let most = 1;
  for (const { input: path } of tasks) {
    if (!(await isRegularFile(path))) most = Math.max(most, 2);
    else {
      const input = await openAudioInput(path).catch(() => undefined);
      most = Math.max(most, input?.format.channels ?? 1);
      await input?.close();
    }
  }
  return most;
}
