import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelRegistry } from '../../models/registry.js';
import type { RetuneEvent } from '../../src/online/retune-history.js';
import { preparePlace, quickRetune } from './support/noise-place.js';
import { runDenoise } from './support/run-denoise.js';

const folder = mkdtempSync(join(tmpdir(), 'denoise-retune-'));
let place: Awaited<ReturnType<typeof preparePlace>>;
beforeAll(async () => {
  place = await preparePlace(folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const eventsOf = (stdout: Buffer): RetuneEvent[] =>
  stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RetuneEvent);

const registry = () => new ModelRegistry(place.env.DENOISE_DATA);

describe('denoise retune', () => {
  it('tunes the champion to captured noise, judges it, and promotes it if it is better; it can be taken back', async () => {
    const list = (await place.run('noise', 'list')).stdout.toString();
    expect(list).toMatch(/shack .* hum\.wav\n/);
    expect(list).toMatch(/shack: 0\.7 min/);

    const { code, stdout, stderr } = await place.run(...quickRetune(place.replay));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const events = eventsOf(stdout);
    const judged = events.find((event) => event.kind === 'judged')!;
    const better = judged.verdict === 'promote';
    expect(events.map(({ kind }) => kind)).toEqual([
      ...['started', 'trained', 'judged'],
      ...(better ? ['nominated', 'promoted'] : []),
      'ended',
    ]);
    // How much so short a training learns is not known: only the numbers decide.
    expect(judged.checks.every(({ holds }) => holds)).toBe(better);
    for (const path of judged.listen) expect(existsSync(path)).toBe(true);
    expect(events.find((event) => event.kind === 'trained')).toMatchObject({ trials: 4 });
    const { champion } = registry().state().uses.speech;
    expect(champion !== place.champion).toBe(better);

    const status = (await place.run('retune', '--status')).stdout.toString();
    expect(status).toMatch(/(ok {2}|FAIL) gain −?\d+\.\d+ dB, at least 1\.00/);
    if (!better) return;
    expect(status).toMatch(/is the champion from now on/);
    await place.run('models', 'rollback');
    expect(registry().state().uses.speech.champion).toBe(place.champion);
  }, 600_000);

  it('trains nothing on too little noise, and says so', async () => {
    const { code, stdout } = await place.run(
      ...quickRetune(place.replay).map((w) => (w === 'shack' ? 'car' : w)),
    );
    expect(code).toBe(0);
    expect(eventsOf(stdout)).toMatchObject([
      { kind: 'started' },
      { kind: 'skipped', reason: 'the profile car has 0 s of noise, and 20 s are needed' },
      { kind: 'ended' },
    ]);
  }, 60_000);

  it.each(['started', 'trained', 'judged'])(
    'leaves the old or the new champion when it is killed after %s',
    async (when) => {
      let killed = false;
      await runDenoise([...quickRetune(place.replay), '--set', 'lr=1e-3', '--set', 'replay=0.4'], {
        spawn: { env: place.env },
        started: (child) =>
          child.stdout!.on('data', (data: Buffer) => {
            if (!data.toString().includes(`"kind":"${when}"`)) return;
            killed = child.kill('SIGKILL');
          }),
      });
      expect(killed).toBe(true);
      const { champion } = registry().state().uses.speech;
      // It can be read and run, whichever it is.
      expect((await place.run('models', 'show', champion!)).code).toBe(0);
      // The next one is not locked out, and knows what happened.
      const after = await place.run(...quickRetune(place.replay).map((w) => (w === 'shack' ? 'car' : w)));
      expect(after.code).toBe(0);
      const status = await place.run('retune', '--status', '--json');
      const { events } = JSON.parse(status.stdout.toString()) as { events: RetuneEvent[] };
      expect(events.filter(({ kind }) => kind === 'interrupted').length).toBeGreaterThan(0);
    },
    600_000,
  );

  it.each([
    [['retune'], 'E_USAGE'],
    [['retune', '--schedule', 'at night'], 'E_CRON'],
    [['retune', '--now', '--replay', '.'], 'E_REPLAY'],
    [['noise', 'drop'], 'E_NO_NOISE'],
    [['noise', 'play', '000000'], 'E_NO_NOISE'],
  ])(
    'refuses %j',
    async (words, code) => {
      const result = await place.run(...words, ...(words[0] === 'retune' ? ['--json'] : []));
      expect(result.code).not.toBe(0);
      if (words[0] === 'retune') expect(result.stderr).toContain(code);
      else expect(result.stderr).toMatch(/No piece|no captured noise/);
    },
    60_000,
  );
});
