import { copyFileSync, cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../files/atomic-file.js';
import type { TrialRecord } from '../trial.js';

/**
 * What a study keeps on disk. Workers on many machines share it (NFS, a mounted bucket):
 * ```
 * journal.jsonl, snapshot   where the journal is a file
 * trials/0007                    run folder of trial 7
 * checkpoints/                   one model per complete trial, named as in the guide
 * FAMILY_best.onnx               the best of them
 * hyperparameter_results.json, trials.csv, report.html, *.png   written by the analysis
 * ```
 */
export class StudyFolder {
  constructor(readonly path: string) {}

  /**
   * The run folder of a trial. A trial that was taken from a lost owner goes on in a copy: should the owner wake up, it writes to its own.
   */
  runOf({ number, losses }: TrialRecord): string {
    const folder = (loss: number): string =>
      join(this.path, 'trials', `${String(number).padStart(4, '0')}${loss === 0 ? '' : `-${loss + 1}`}`);
    const own = folder(losses);
    makeFolder(join(this.path, 'trials'));
    for (let before = losses - 1; before >= 0 && !existsSync(own); before--)
      if (existsSync(folder(before))) cpSync(folder(before), own, { recursive: true });
    return own;
  }

  /** Copies a model under a name of the study. @returns its path */
  keepCheckpoint(model: string, name: string): string {
    makeFolder(join(this.path, 'checkpoints'));
    const path = join(this.path, 'checkpoints', name);
    copyFileSync(model, path);
    return path;
  }

  /** Copies the best model to `FAMILY_best.onnx`. @returns its path */
  keepBest(model: string, family: string): string {
    const path = join(this.path, `${family}_best.onnx`);
    copyFileSync(model, path);
    return path;
  }
}
