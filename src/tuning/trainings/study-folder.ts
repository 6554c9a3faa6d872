import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, writeFileAtomically } from '../../files/atomic-file.js';
import { toOutputError } from '../../files/output-error.js';
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

  /** Whether any trial has a run folder here. */
  get holdsTrials(): boolean {
    return existsSync(join(this.path, 'trials'));
  }

  /**
   * The run folder of a trial. A trial that was taken from a lost owner goes on in a copy: should the owner wake up, it writes to its own.
   * @throws OutputError when it cannot be made or copied
   */
  runOf({ number, losses }: TrialRecord): string {
    const folder = (loss: number): string =>
      join(this.path, 'trials', `${String(number).padStart(4, '0')}${loss === 0 ? '' : `-${loss + 1}`}`);
    const own = folder(losses);
    makeFolder(join(this.path, 'trials'));
    for (let before = losses - 1; before >= 0 && !existsSync(own); before--)
      if (existsSync(folder(before))) copyFolder(folder(before), own);
    return own;
  }

  /** Copies a model under a name of the study. @returns its path. @throws OutputError */
  keepCheckpoint(model: string, name: string): string {
    makeFolder(join(this.path, 'checkpoints'));
    return copyFile(model, join(this.path, 'checkpoints', name));
  }

  /** Copies the best model to `FAMILY_best.onnx`. @returns its path. @throws OutputError */
  keepBest(model: string, family: string): string {
    return copyFile(model, join(this.path, `${family}_best.onnx`));
  }
}

/** A copy that is there as a whole or not at all: a program may be killed, or a disk full, while it is made. */
function copyFolder(from: string, to: string): void {
  const unfinished = `${to}.unfinished`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(from, unfinished, { recursive: true });
    renameSync(unfinished, to);
  } catch (error) {
    throw toOutputError(error, to);
  }
}

function copyFile(from: string, to: string): string {
  writeFileAtomically(to, readFileSync(from));
  return to;
}
