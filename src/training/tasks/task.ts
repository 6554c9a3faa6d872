import type { z } from 'zod';
import type { ModelVariables } from '../../nn/streaming-graph.js';
import type { DataSummary } from '../data/data-summary.js';
import type { Recordings, RecordingsSource } from '../data/recordings.js';
import type { Tier } from '../diagnose/tiers.js';
import type { Trainable } from '../loop/trainable.js';
import type { Trainer } from '../loop/trainer.js';
import type { RunSettings } from './run-settings.js';

/** What every training job has, whatever its task. */
export interface BaseJob {
  task: string;
  settings: RunSettings;
}

/** A part of a job that `--set` reaches. */
export interface SettingsSection {
  /** Its key in the job. */
  key: string;
  /** Which may stand before its names on the command line, with its dot; '' for the run's own settings. */
  prefix: string;
  schema: z.ZodType;
}

/**
 * A kind of training: what its jobs look like, which recordings they need, and what is made of them. One file per task;
 * `tasks.ts` has the list.
 */
export interface Task<Job extends BaseJob> {
  readonly name: Job['task'];
  /** Settings of the run itself, with their defaults, limits and the ranges worth searching. */
  readonly settingsSchema: z.ZodType<Job['settings']>;
  /** The whole job, as it stands in a run's `config.json`. */
  readonly jobSchema: z.ZodType<Job>;
  /** Named sets of settings. */
  readonly presets?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Everything that `--set` reaches. @param family of the model, where the task trains one of several */
  sections(family: string): readonly SettingsSection[];
  /**
   * The recordings that a job needs. They are opened outside, once for any number of runs.
   * @throws UsageError `E_NO_DATA` when the job names none
   */
  recordings(job: Job): Promise<Readonly<Record<string, RecordingsSource>>>;
  /** @param data what was opened of {@link recordings}, under the same keys */
  open(job: Job, data: Readonly<Record<string, Recordings>>): Promise<OpenTask>;
}

/** A task with its data, ready to be trained. */
export interface OpenTask {
  trainable: Trainable;
  /** What it learns from, where that is recordings. */
  data?: DataSummary;
  /** Trained weights to start from. Default: random ones. */
  start?: ModelVariables;
  /** Makes of the trained weights what the run is for. */
  finish(trainer: Trainer, files: RunFiles): Promise<TaskResult>;
}

/** Where a task writes what it makes. */
export interface RunFiles {
  /** Writes a file of the run whole. @returns its path */
  writeFile(name: string, data: Uint8Array | string): string;
}

export interface TaskResult {
  /** Path of the checkpoint, where the task makes one. */
  model?: string;
  /** Frequency task: mean squared errors with the best weights and the tier of the guides that they reach. */
  trainMse?: number;
  testMse?: number;
  tier?: Tier;
}
