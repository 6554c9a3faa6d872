import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError, OutputError, UsageError } from '../../../src/errors.js';
import { diagnose } from '../../../src/training/diagnose/index.js';
import type { EpochRecord, StepRecord } from '../../../src/training/loop/training-events.js';
import { findCheckpoint, listCheckpoints, RunFolder, readRun } from '../../../src/training/run/run-folder.js';

const measured = { learningRate: 1e-3, gradientNorm: 0.5, seconds: 0.04, rssMB: 250, loaderShare: 0.01 };
const step = (number: number): StepRecord => ({
  kind: 'step',
  step: number,
  epoch: 1,
  trainLoss: 1 / number,
  ...measured,
});
const epoch = (number: number, steps: number): EpochRecord => ({
  kind: 'epoch',
  step: steps,
  epoch: number,
  trainLoss: 0.2,
  validationLoss: 0.3,
  ...measured,
});

let root: string;
let run: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'denoise-run-'));
  run = join(root, 'run');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('RunFolder', () => {
  it('gives back its config and every record', () => {
    const folder = RunFolder.create(run, { lr: 1e-3, model: 'lstm' });
    const records = [step(1), step(2), epoch(1, 2)];
    for (const record of records) folder.record(record);
    folder.close();
    expect(readRun(run)).toEqual({
      path: run,
      config: { lr: 1e-3, model: 'lstm' },
      records,
      damagedLines: 0,
    });
    expect(readdirSync(run).filter((name) => name.includes('tfevents'))).toHaveLength(1);
  });

  it('can be read while it is being written', () => {
    const folder = RunFolder.create(run, {});
    folder.record(step(1));
    expect(readRun(run).records).toHaveLength(1);
    folder.record(step(2));
    expect(readRun(run).records).toHaveLength(2);
    folder.close();
  });

  it('is not overwritten by another run', () => {
    RunFolder.create(run, {}).close();
    expect(() => RunFolder.create(run, {})).toThrow(UsageError);
  });

  it('resumed, drops the half-written line and the steps after the checkpoint', () => {
    const folder = RunFolder.create(run, {});
    for (let number = 1; number <= 5; number++) folder.record(step(number));
    folder.close();
    appendFileSync(join(run, 'metrics.jsonl'), '{"kind":"step","st');
    expect(readRun(run).damagedLines).toBe(1);
    const resumed = RunFolder.resume(run, 3);
    for (let number = 4; number <= 6; number++) resumed.record(step(number));
    resumed.close();
    expect(readRun(run)).toMatchObject({ records: [1, 2, 3, 4, 5, 6].map(step), damagedLines: 0 });
  });

  it('is what the doctor reads', () => {
    const folder = RunFolder.create(run, { model: 'lstm', lr: 1e-3 });
    [0.2847, 0.4057, 0.43, 0.458].forEach((trainLoss, i) => {
      folder.record({ ...epoch(i + 1, i + 1), trainLoss });
    });
    folder.close();
    const diagnosis = diagnose(readRun(run));
    expect(diagnosis.primary?.code).toBe('diverging');
    expect(diagnosis.nextCommand).toContain('denoise train --model lstm --set lr=0.0001');
  });

  it('says what is wrong with a folder that is no run', () => {
    expect(() => readRun(root)).toThrow(InputError);
    expect(() => RunFolder.resume(root, 0)).toThrow(/holds no config.json/);
    writeFileSync(join(root, 'config.json'), '{"lr":');
    expect(() => readRun(root)).toThrow(/not JSON/);
    writeFileSync(join(root, 'config.json'), '[1]');
    expect(() => readRun(root)).toThrow(InputError);
  });
});

describe('checkpoints', () => {
  it('replace the one before', () => {
    const folder = RunFolder.create(run, {});
    folder.writeCheckpoint('last.bin', Buffer.from('one'));
    const path = folder.writeCheckpoint('last.bin', Buffer.from('two'));
    folder.writeCheckpoint('best.bin', Buffer.from('best'));
    folder.close();
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(listCheckpoints(run)).toEqual(['best.bin', 'last.bin']);
    expect(findCheckpoint(run, 'last.bin')).toBe(path);
    expect(findCheckpoint(run, 'none.bin')).toBeUndefined();
    expect(listCheckpoints(root)).toEqual([]);
  });

  it('fail as an OutputError where nothing can be written', () => {
    const folder = RunFolder.create(run, {});
    expect(() => folder.writeCheckpoint('missing/last.bin', Buffer.from('x'))).toThrow(OutputError);
    folder.close();
  });
});
