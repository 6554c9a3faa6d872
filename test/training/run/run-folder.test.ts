import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError, OutputError, UsageError } from '../../../src/errors.js';
import { diagnose } from '../../../src/training/diagnose/index.js';
import type { EpochEvent, StepEvent, TrainingEvent } from '../../../src/training/loop/training-events.js';
import { findCheckpoint, RunFolder, readRun } from '../../../src/training/run/run-folder.js';
import { tinyJob } from './tiny-job.js';

const measured = { learningRate: 1e-3, gradientNorm: 0.5, seconds: 0.04, rssMB: 250, loaderShare: 0.01 };
const step = (number: number): StepEvent => ({
  kind: 'step',
  step: number,
  epoch: 1,
  trainLoss: 1 / number,
  ...measured,
});
const epoch = (number: number, steps: number): EpochEvent => ({
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
  it('gives back its job and every event', () => {
    const folder = RunFolder.create(run, tinyJob());
    const events = [step(1), step(2), epoch(1, 2)];
    for (const event of events) folder.record(event);
    folder.close();
    expect(readRun(run)).toEqual({
      path: run,
      config: tinyJob(),
      events,
      status: 'killed',
      damagedLines: 0,
    });
    expect(readdirSync(run).filter((name) => name.includes('tfevents'))).toHaveLength(1);
  });

  it('can be read while it is being written', () => {
    const folder = RunFolder.create(run, tinyJob());
    folder.record(step(1));
    expect(readRun(run).events).toHaveLength(1);
    folder.record(step(2));
    expect(readRun(run).events).toHaveLength(2);
    folder.close();
  });

  it('is not overwritten by another run', () => {
    RunFolder.create(run, tinyJob()).close();
    expect(() => RunFolder.create(run, tinyJob())).toThrow(UsageError);
  });

  it('resumed, drops the half-written line and the steps after the checkpoint', () => {
    const folder = RunFolder.create(run, tinyJob());
    for (let number = 1; number <= 5; number++) folder.record(step(number));
    folder.close();
    appendFileSync(join(run, 'metrics.jsonl'), '{"kind":"step","st');
    expect(readRun(run).damagedLines).toBe(1);
    const resumed = RunFolder.reopen(run);
    resumed.goOn(3, tinyJob());
    for (let number = 4; number <= 6; number++) resumed.record(step(number));
    resumed.close();
    expect(readRun(run)).toMatchObject({ events: [1, 2, 3, 4, 5, 6].map(step), damagedLines: 0 });
  });

  it('is what the doctor reads', () => {
    const folder = RunFolder.create(run, tinyJob({ lr: 1e-3 }));
    [0.2847, 0.4057, 0.43, 0.458].forEach((trainLoss, i) => {
      folder.record({ ...epoch(i + 1, i + 1), trainLoss, validationLoss: trainLoss });
    });
    folder.close();
    const diagnosis = diagnose(readRun(run));
    expect(diagnosis.primary?.code).toBe('diverging');
    expect(diagnosis.nextCommand).toMatch(/denoise train --task frequency .*--set lr=0.0001/);
  });

  it('says what is wrong with a folder that is no run', () => {
    expect(() => readRun(root)).toThrow(InputError);
    expect(() => RunFolder.reopen(root)).toThrow(/holds no config.json/);
    writeFileSync(join(root, 'config.json'), '{"lr":');
    expect(() => readRun(root)).toThrow(/not JSON/);
    writeFileSync(join(root, 'config.json'), '[1]');
    expect(() => readRun(root)).toThrow(InputError);
  });
});

describe('checkpoints', () => {
  it('replace the one before', () => {
    const folder = RunFolder.create(run, tinyJob());
    folder.writeCheckpoint('last.bin', Buffer.from('one'));
    const path = folder.writeCheckpoint('last.bin', Buffer.from('two'));
    folder.writeCheckpoint('best.bin', Buffer.from('best'));
    folder.close();
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(run, 'checkpoints')).sort()).toEqual(['best.bin', 'last.bin']);
    expect(findCheckpoint(run, 'last.bin')).toBe(path);
    expect(findCheckpoint(run, 'none.bin')).toBeUndefined();
  });

  it('fail as an OutputError where nothing can be written', () => {
    const folder = RunFolder.create(run, tinyJob());
    expect(() => folder.writeCheckpoint('missing/last.bin', Buffer.from('x'))).toThrow(OutputError);
    folder.close();
  });
});

describe('the status of a run', () => {
  const at = { step: 2, epoch: 1 };
  const started = { kind: 'started', ...at, parameters: 1, device: 'cpu', totalSteps: 9 } as const;
  const ends: [TrainingEvent[], string][] = [
    [[started, step(3)], 'killed'],
    [[started, { kind: 'paused', ...at, reason: 'budget' }], 'paused'],
    [[started, { kind: 'paused', ...at, reason: 'asked' }, started], 'killed'],
    [[started, { kind: 'ended', ...at, reason: 'finished' }], 'finished'],
    [[started, { kind: 'ended', ...at, reason: 'early' }, { kind: 'checkpoint', ...at }], 'early-stopped'],
    [[started, { kind: 'failed', ...at, error: { code: 'E_X', message: 'It broke.' } }], 'failed'],
  ];

  it.each(ends)('after %j is %s', (events, status) => {
    const folder = RunFolder.create(run, tinyJob());
    for (const event of events) folder.record(event);
    folder.close();
    expect(readRun(run).status).toBe(status);
  });

  it('is running while a process holds it, and only one can', () => {
    const folder = RunFolder.create(run, tinyJob());
    folder.record(step(1));
    expect(readRun(run).status).toBe('running');
    expect(() => RunFolder.reopen(run)).toThrow(expect.objectContaining({ code: 'E_RUN_BUSY' }));
    folder.close();
    expect(readRun(run).status).toBe('killed');
    RunFolder.reopen(run).close();
  });
});
