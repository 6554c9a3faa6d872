import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, toDenoiseError, UsageError } from '../../errors.js';
import { AppendLog } from '../../files/append-log.js';
import { makeFolder, writeFileAtomically } from '../../files/atomic-file.js';
import { formatRecord, type MetricsRecord, parseMetrics } from '../loop/training-events.js';
import { curvePlots } from './curve-plots.js';
import { EventFile } from './tensorboard/event-file.js';

const CONFIG = 'config.json';
const METRICS = 'metrics.jsonl';
const CHECKPOINTS = 'checkpoints';

/** What a run folder holds, read without opening it for writing: a run can be read while it trains. */
export interface RunContents {
  path: string;
  config: Record<string, unknown>;
  records: MetricsRecord[];
  /** Lines of metrics.jsonl that could not be read; a half-written last line is one. */
  damagedLines: number;
}

/**
 * One training run on disk:
 * ```
 * config.json     everything the run was started with
 * metrics.jsonl   one line per step, per epoch and per event
 * events.out.tfevents.*   the same for TensorBoard
 * checkpoints/    written whole or not at all
 * curves*.png     losses, learning rate and gradient norm
 * ```
 * One process writes a run; any number may read it. All writes are synchronous: a training worker has nothing else to do.
 */
export class RunFolder {
  readonly #log: AppendLog;
  readonly #events: EventFile;

  private constructor(
    readonly path: string,
    firstStep: number,
  ) {
    this.#log = new AppendLog(join(path, METRICS));
    this.#events = new EventFile(path, firstStep);
  }

  /**
   * A new run. @throws UsageError `E_RUN_EXISTS` when the folder already holds a run
   * @throws OutputError when it cannot be written
   */
  static create(path: string, config: Record<string, unknown>): RunFolder {
    refuseExistingRun(path);
    makeFolder(join(path, CHECKPOINTS));
    writeFileAtomically(join(path, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
    return new RunFolder(path, 0);
  }

  /**
   * A run to be continued from a checkpoint taken after `step` optimiser steps. Records of later steps, which will be
   * made again, are removed, so that the metrics of a resumed run equal those of an unbroken one.
   * @throws InputError `E_NOT_A_RUN`
   */
  static resume(path: string, step: number): RunFolder {
    const { records, damagedLines } = readRun(path);
    const kept = records.filter((record) => record.step <= step);
    if (kept.length < records.length || damagedLines > 0) {
      writeFileAtomically(join(path, METRICS), kept.map(formatRecord).join(''));
    }
    makeFolder(join(path, CHECKPOINTS));
    return new RunFolder(path, step + 1);
  }

  /** Appends one record to metrics.jsonl and to the TensorBoard file. @throws OutputError `E_NO_SPACE` */
  record(record: MetricsRecord): void {
    this.#log.append(formatRecord(record), { durable: false });
    if (record.kind === 'event') return;
    const of = record.kind;
    const scalars: Record<string, number> = {
      [`${of}/loss/train`]: record.trainLoss,
      [`${of}/learning rate`]: record.learningRate,
      [`${of}/gradient norm`]: record.gradientNorm,
      [`${of}/seconds`]: record.seconds,
      [`${of}/memory MB`]: record.rssMB,
      [`${of}/loader share`]: record.loaderShare,
    };
    if (record.kind === 'epoch') {
      if (record.validationLoss !== undefined) scalars['epoch/loss/validation'] = record.validationLoss;
      if (record.testLoss !== undefined) scalars['epoch/loss/test'] = record.testLoss;
    }
    this.#events.scalars(record.step, scalars);
  }

  /**
   * Writes `checkpoints/NAME` whole, replacing the one before it, and forces the metrics to the disk first.
   * @returns its path. @throws OutputError `E_NO_SPACE`; the previous checkpoint is then intact
   */
  writeCheckpoint(name: string, bytes: Uint8Array): string {
    const path = join(this.path, CHECKPOINTS, name);
    this.#log.sync();
    writeFileAtomically(path, bytes);
    return path;
  }

  /** Writes another file of the run (a plot, a report) whole. @returns its path. @throws OutputError */
  writeFile(name: string, data: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileAtomically(path, data);
    return path;
  }

  /** Replaces config.json: a resumed run may have been given other settings. @throws OutputError */
  writeConfig(config: Record<string, unknown>): void {
    this.writeFile(CONFIG, `${JSON.stringify(config, null, 2)}\n`);
  }

  /** Draws the curves of everything recorded so far: `curves.png` and its fellows. @throws OutputError */
  writeCurves(title: string): void {
    for (const [name, png] of curvePlots(readRun(this.path).records, title)) this.writeFile(name, png);
  }

  close(): void {
    this.#log.close();
    this.#events.close();
  }
}

/** Before anything is read or trained. @throws UsageError `E_RUN_EXISTS` when the folder already holds a run */
export function refuseExistingRun(path: string): void {
  if (!existsSync(join(path, CONFIG))) return;
  throw new UsageError('E_RUN_EXISTS', `${path} already holds a run.`, {
    hint: `Continue it with --resume ${path}, or name another folder.`,
  });
}

/** Reads a run. @throws InputError `E_NOT_A_RUN` when the folder holds none, `E_RUN_CONFIG` when its config is damaged */
export function readRun(path: string): RunContents {
  if (!existsSync(join(path, CONFIG))) {
    throw new InputError('E_NOT_A_RUN', `${path} is not a training run: it holds no ${CONFIG}.`, {
      hint: 'Name the folder that `denoise train` wrote.',
    });
  }
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(join(path, CONFIG), 'utf8'));
  } catch (cause) {
    throw new InputError('E_RUN_CONFIG', `${join(path, CONFIG)} cannot be read: it is not JSON.`, { cause });
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new InputError('E_RUN_CONFIG', `${join(path, CONFIG)} does not hold a configuration.`);
  }
  const metrics = join(path, METRICS);
  let text = '';
  try {
    if (existsSync(metrics)) text = readFileSync(metrics, 'utf8');
  } catch (error) {
    throw toDenoiseError(error, 'Reading the metrics of a run');
  }
  return { path, config: config as Record<string, unknown>, ...parseMetrics(text) };
}

/** Path of a checkpoint of a run, or `undefined` when there is none of this name. */
export function findCheckpoint(runPath: string, name: string): string | undefined {
  const path = join(runPath, CHECKPOINTS, name);
  return existsSync(path) ? path : undefined;
}

/** Names of the checkpoints of a run, sorted; temporary files of an interrupted write are not among them. */
export function listCheckpoints(runPath: string): string[] {
  const folder = join(runPath, CHECKPOINTS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
}
