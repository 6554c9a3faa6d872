import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, toDenoiseError, UsageError } from '../../errors.js';
import { AppendLog } from '../../files/append-log.js';
import { makeFolder, writeFileAtomically } from '../../files/atomic-file.js';
import { FileLock } from '../../files/file-lock.js';
import { formatEvent, parseEvents, type TrainingEvent } from '../loop/training-events.js';
import { parseJob, type TrainingJob } from '../tasks/tasks.js';
import { curvePlots } from './curve-plots.js';
import { type RunStatus, statusOf } from './run-status.js';
import { EventFile } from './tensorboard/event-file.js';

const CONFIG = 'config.json';
const METRICS = 'metrics.jsonl';
const CHECKPOINTS = 'checkpoints';
const LOCK = '.run.lock';
const LOCK_ATTEMPTS = 20;
const LOCK_RETRY_MS = 5;

/** Something that sleeps synchronously. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** What a run folder holds, read without opening it for writing: a run can be read while it trains. */
export interface RunContents {
  path: string;
  /** As it stands in the file; {@link readJob} checks it. */
  config: Record<string, unknown>;
  events: TrainingEvent[];
  status: RunStatus;
  /** Lines of metrics.jsonl that could not be read; a half-written last line is one. */
  damagedLines: number;
}

/**
 * One training run on disk:
 * ```
 * config.json     the training job: everything that decides what comes out
 * metrics.jsonl   its events, one a line; of many steps an epoch every second, third, …
 * events.out.tfevents.*   the measured ones for TensorBoard
 * checkpoints/    written whole or not at all
 * curves*.png     losses, learning rate and gradient norm
 * ```
 * One process writes a run and holds its lock meanwhile; any number may read it. All writes are synchronous: a training
 * thread has nothing else to do.
 */
export class RunFolder {
  readonly #lock: FileLock;
  #log: AppendLog | undefined;
  #tensorBoard: EventFile | undefined;

  private constructor(readonly path: string) {
    this.#lock = new FileLock(join(path, LOCK));
    // Who only looks whether the run is at work holds the lock for a moment, too.
    for (let attempt = 0; !this.#lock.tryAcquire(); attempt++) {
      if (attempt === LOCK_ATTEMPTS) throw runBusy(path);
      Atomics.wait(sleeper, 0, 0, LOCK_RETRY_MS);
    }
  }

  /**
   * A new run. @throws UsageError `E_RUN_EXISTS` when the folder already holds a run, `E_RUN_BUSY`
   * @throws OutputError when it cannot be written
   */
  static create(path: string, job: TrainingJob): RunFolder {
    refuseExistingRun(path);
    makeFolder(join(path, CHECKPOINTS));
    const run = new RunFolder(path);
    try {
      run.#begin(job, 0);
    } catch (error) {
      run.close();
      throw error;
    }
    return run;
  }

  /**
   * A run that is to go on: {@link goOn} says from where, once its checkpoint is read.
   * @throws InputError `E_NOT_A_RUN`. @throws UsageError `E_RUN_BUSY`
   */
  static reopen(path: string): RunFolder {
    refuseMissingRun(path);
    makeFolder(join(path, CHECKPOINTS));
    return new RunFolder(path);
  }

  /**
   * Continues from a checkpoint taken after `step` optimiser steps. Events of later steps, which will be made again, are
   * removed, so that the metrics of a resumed run equal those of an unbroken one.
   * @param job which may have been given other settings
   */
  goOn(step: number, job: TrainingJob): void {
    const { events, damagedLines } = readRun(this.path);
    const kept = events.filter((event) => event.step <= step);
    if (kept.length < events.length || damagedLines > 0)
      writeFileAtomically(join(this.path, METRICS), kept.map(formatEvent).join(''));
    this.#begin(job, step + 1);
  }

  #begin(job: TrainingJob, firstStep: number): void {
    this.writeFile(CONFIG, `${JSON.stringify(job, null, 2)}\n`);
    this.#log = new AppendLog(join(this.path, METRICS));
    this.#tensorBoard = new EventFile(this.path, firstStep);
  }

  /** Appends one event to metrics.jsonl and to the TensorBoard file. @throws OutputError `E_NO_SPACE` */
  record(event: TrainingEvent): void {
    this.#log?.append(formatEvent(event), { durable: false });
    if (event.kind !== 'step' && event.kind !== 'epoch') return;
    const of = event.kind;
    const scalars: Record<string, number> = {
      [`${of}/loss/train`]: event.trainLoss,
      [`${of}/learning rate`]: event.learningRate,
      [`${of}/gradient norm`]: event.gradientNorm,
      [`${of}/seconds`]: event.seconds,
      [`${of}/memory MB`]: event.rssMB,
      [`${of}/loader share`]: event.loaderShare,
    };
    if (event.kind === 'epoch') {
      if (event.validationLoss !== undefined) scalars['epoch/loss/validation'] = event.validationLoss;
      if (event.testLoss !== undefined) scalars['epoch/loss/test'] = event.testLoss;
    }
    this.#tensorBoard?.scalars(event.step, scalars);
  }

  /**
   * Writes `checkpoints/NAME` whole, replacing the one before it, and forces the metrics to the disk first.
   * @returns its path. @throws OutputError `E_NO_SPACE`; the previous checkpoint is then intact
   */
  writeCheckpoint(name: string, bytes: Uint8Array): string {
    this.#log?.sync();
    return this.writeFile(join(CHECKPOINTS, name), bytes);
  }

  /** Writes another file of the run (a plot, a report) whole. @returns its path. @throws OutputError */
  writeFile(name: string, data: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileAtomically(path, data);
    return path;
  }

  /** Draws the curves of everything recorded so far: `curves.png` and its fellows. @throws OutputError */
  writeCurves(title: string): void {
    for (const [name, png] of curvePlots(readRun(this.path).events, title)) this.writeFile(name, png);
  }

  close(): void {
    this.#log?.sync();
    this.#log?.close();
    this.#tensorBoard?.close();
    this.#log = undefined;
    this.#tensorBoard = undefined;
    this.#lock.release();
  }
}

const runBusy = (path: string): UsageError =>
  new UsageError('E_RUN_BUSY', `${path} is being trained by another process.`, {
    hint: 'Wait until that one is done, or stop it.',
  });

/** Before anything is read or trained. @throws UsageError `E_RUN_EXISTS` when the folder already holds a run */
export function refuseExistingRun(path: string): void {
  if (!holdsRun(path)) return;
  throw new UsageError('E_RUN_EXISTS', `${path} already holds a run.`, {
    hint: `Continue it with --resume ${path}, or name another folder.`,
  });
}

/** Whether a run was begun in this folder. */
export const holdsRun = (path: string): boolean => existsSync(join(path, CONFIG));

function refuseMissingRun(path: string): void {
  if (holdsRun(path)) return;
  throw new InputError('E_NOT_A_RUN', `${path} is not a training run: it holds no ${CONFIG}.`, {
    hint: 'Name the folder that `denoise train` wrote.',
  });
}

/** Reads a run. @throws InputError `E_NOT_A_RUN` when the folder holds none, `E_RUN_CONFIG` when its config is damaged */
export function readRun(path: string): RunContents {
  refuseMissingRun(path);
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(join(path, CONFIG), 'utf8'));
  } catch (cause) {
    throw new InputError('E_RUN_CONFIG', `${join(path, CONFIG)} cannot be read: it is not JSON.`, { cause });
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new InputError('E_RUN_CONFIG', `${join(path, CONFIG)} does not hold a configuration.`);
  const metrics = join(path, METRICS);
  let text = '';
  try {
    if (existsSync(metrics)) text = readFileSync(metrics, 'utf8');
  } catch (error) {
    throw toDenoiseError(error, 'Reading the metrics of a run');
  }
  const parsed = parseEvents(text);
  const status = statusOf(parsed.events, isHeld(path));
  return { path, config: config as Record<string, unknown>, ...parsed, status };
}

/** The job of a run, checked. @throws InputError `E_NOT_A_RUN`, `E_RUN_CONFIG` */
export const readJob = (path: string): TrainingJob => parseJob(readRun(path).config, join(path, CONFIG));

/** Whether a process, perhaps this one, is at work on the run. */
function isHeld(path: string): boolean {
  const lockPath = join(path, LOCK);
  if (!existsSync(lockPath)) return false;
  const lock = new FileLock(lockPath);
  try {
    return !lock.tryAcquire();
  } catch {
    // Not ours to write in: whoever trains it may be anyone, and there is no other sign.
    return false;
  } finally {
    lock.release();
  }
}

/** Path of a checkpoint of a run, or `undefined` when there is none of this name. */
export function findCheckpoint(runPath: string, name: string): string | undefined {
  const path = join(runPath, CHECKPOINTS, name);
  return existsSync(path) ? path : undefined;
}
