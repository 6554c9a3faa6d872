/** Run folders as version 0 wrote them, in test/fixtures/runs/version-0, stay readable. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnose, formatDiagnosis } from '../../../src/training/diagnose/index.js';
import { readJob, readRun } from '../../../src/training/run/run-folder.js';
import { runTraining } from '../../../src/training/run/training-run.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/runs/version-0');

const RUNS: [name: string, status: string, epochs: number, job: object][] = [
  ['denoise', 'finished', 3, { task: 'denoise', family: 'unet1d-lstm', noise: '/recordings/noise' }],
  ['pairs', 'finished', 3, { task: 'denoise', noisy: '/recordings/noisy', exclude: ['0_2.wav'] }],
  ['interrupted', 'paused', 2, { settings: { epochs: 500 }, remix: { snrDb: [0, 10], babble: 0.03 } }],
  ['killed', 'killed', 2, { modelSettings: { channels: [4, 6] }, set: { hidden: 5 } }],
  ['frequency', 'finished', 2, { task: 'frequency', signal: { frequencies: [10, 30] } }],
  ['frequency-interrupted', 'paused', 1, { settings: { layers: 2, dropout: 0.2 } }],
];

describe('a run folder of version 0', () => {
  it.each(RUNS)('is read whole: %s', (name, status, epochs, job) => {
    const run = readRun(join(FIXTURES, name));
    expect(run).toMatchObject({ status, damagedLines: 0 });
    expect(run.events.filter(({ kind }) => kind === 'epoch')).toHaveLength(epochs);
    expect(readJob(join(FIXTURES, name))).toMatchObject({ version: 1, ...job });
  });

  it.each(RUNS)('is diagnosed as what it is: %s', (name, status) => {
    const diagnosis = diagnose(readRun(join(FIXTURES, name)));
    expect(diagnosis.status).toBe(status);
    expect(diagnosis.findings.map(({ code }) => code)).not.toContain('early-stopped');
    expect(diagnosis.advice).not.toContain('neither in trouble nor done');
    expect(formatDiagnosis(diagnosis)).toContain(status);
  });
});

describe('a paused run of version 0', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'denoise-old-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('goes on to its end', async () => {
    const folder = join(root, 'run');
    cpSync(join(FIXTURES, 'frequency-interrupted'), folder, { recursive: true });
    const result = await runTraining(readJob(folder), { folder, resume: true });
    expect(result).toMatchObject({ finished: true, epochs: 4, steps: 200 });
    const steps = readRun(folder).events.flatMap((event) => (event.kind === 'step' ? [event.step] : []));
    expect(steps).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(readRun(folder).status).toBe('finished');
  });
});
