import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { jsonError, PROGRAM, runDenoise } from './support/run-denoise.js';
import { noSmallDisk, onSmallDisk } from './support/small-disk.js';
import { TINY } from './support/tiny-tune.js';
import { useWorkspace } from './support/workspace.js';

const work = useWorkspace();
const inFolder = () => ({ spawn: { cwd: work.folder } });
const GRID = [
  'tune',
  'grid',
  ...TINY,
  '--space',
  'lr=1e-3,3e-3',
  '--space',
  'hidden=4,6',
  '--pruner',
  'none',
  '--doctor',
  'off',
  '--study',
  'small',
];

/** Room for a trial and a half. */
const SMALL_DISK_KB = 900;

/** The lines of a journal, as far as it is whole. */
const journal = (study: string): string => {
  const path = work.at('studies', study, 'journal.jsonl');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};
const untilJournal = async (study: string, text: string): Promise<void> => {
  while (!journal(study).includes(text)) await delay(50);
};

describe('denoise tune', () => {
  it('runs a grid, and analyze says what came out', async () => {
    const tuned = await runDenoise([...GRID, '--set', 'epochs=2', '--json'], inFolder());
    expect(tuned.stderr).toBe('');
    const result = JSON.parse(tuned.stdout.toString());
    expect(result).toMatchObject({
      reason: 'there is nothing left to try',
      counts: { complete: 4, failed: 0 },
    });
    const analyzed = await runDenoise(['analyze'], inFolder());
    expect(analyzed.stdout.toString()).toMatch(/Best configurations[\s\S]*Impact of each[\s\S]*Over-fitting/);
    expect(existsSync(work.at('studies', 'small', 'hyperparameter_results.json'))).toBe(true);
    const listed = await runDenoise(['analyze', '--list'], inFolder());
    expect(listed.stdout.toString()).toContain('small');
  });

  it('loses at most the running step to kill -9, and goes on when it is started again', async () => {
    const args = [...GRID, '--set', 'epochs=6', '--workers', '1', '--json'];
    const killed = spawn(process.execPath, [PROGRAM, ...args], { cwd: work.folder, stdio: 'ignore' });
    await untilJournal('small', '"op":"end"');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const before = journal('small').split('"op":"end"').length - 1;
    const again = await runDenoise(args, inFolder());
    expect(JSON.parse(again.stdout.toString()).counts.complete).toBe(4);
    const ends = journal('small').split('"op":"end"').length - 1;
    expect(ends).toBe(4);
    expect(before).toBeGreaterThan(0);
  });

  it('ends cleanly at Ctrl-C, refuses a second program on its study, and a study of that name with another space', async () => {
    const args = [...GRID, '--set', 'epochs=5000', '--workers', '1'];
    const running = runDenoise(args, {
      ...inFolder(),
      started: async (child) => {
        await untilJournal('small', '"op":"report"');
        const second = await runDenoise([...args, '--json'], inFolder());
        expect(jsonError(second).code).toBe('E_STUDY_BUSY');
        child.kill('SIGINT');
      },
    });
    const { code, stdout, stderr } = await running;
    expect(code).toBe(130);
    expect(stderr).toBe('');
    expect(stdout.toString()).toContain('Go on with the same command');
    expect(journal('small')).toContain('"op":"release"');
    const other = await runDenoise(
      ['tune', 'grid', ...TINY, '--space', 'lr=1e-3', '--study', 'small', '--json'],
      inFolder(),
    );
    expect(jsonError(other).code).toBe('E_STUDY_DIFFERS');
    expect(other.code).toBe(2);
  });

  it.skipIf(noSmallDisk !== undefined)(
    `says that the disk is full, and goes on when there is space${noSmallDisk ? ` (skipped: ${noSmallDisk})` : ''}`,
    async () => {
      const [small, copy] = [work.at('small-disk'), work.at('larger-disk')];
      for (const folder of [small, copy]) mkdirSync(folder);
      const args = [...GRID, '--set', 'epochs=20', '--workers', '1', '--json', '--folder'];
      const full = await runDenoise([...args, small], {
        ...inFolder(),
        shell: onSmallDisk(small, copy, SMALL_DISK_KB),
      });
      expect(jsonError(full).code).toBe('E_NO_SPACE');
      expect(full.stderr.trim().split('\n')).toHaveLength(1);
      const again = await runDenoise([...args, copy], inFolder());
      expect(JSON.parse(again.stdout.toString()).counts).toMatchObject({ complete: 4, failed: 0 });
    },
  );

  it.each([
    [['tune', 'quik'], 'E_UNKNOWN_NAME'],
    [['tune', 'quick'], 'E_NO_DATA'],
    [['tune', 'grid', ...TINY, '--space', 'lr='], 'E_SPACE'],
    [['tune', 'grid', ...TINY, '--space', 'lr=0.1..0.5'], 'E_GRID'],
    [['tune', 'tpe', ...TINY, '--space', 'lr=2..1'], 'E_SPACE'],
    [['tune', 'tpe', ...TINY, '--storage', 'mongodb://x'], 'E_UNKNOWN_NAME'],
    [['tune', 'tpe', ...TINY, '--set', 'lrr=1'], 'E_SETTING'],
    [['tune', 'tpe', ...TINY, '--folds', '3'], 'E_USAGE'],
    [['analyze', 'nothing'], 'E_NO_STUDY'],
    [['worker', '--storage', 'nonsense', '--study', 'x'], 'E_STORAGE'],
  ])('refuses %j with %s', async (args, code) => {
    const finished = await runDenoise([...args, '--json'], inFolder());
    expect(jsonError(finished)).toMatchObject({ code, hint: expect.any(String) });
    expect(finished.code).toBeGreaterThan(0);
  });
});
