import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { ModelRegistry } from '../../models/registry.js';
import { startModule } from '../files/support/run-module.js';
import { roughCheckpoint } from '../support/tiny-model.js';

const bytes = [1, 2].map((seed) => roughCheckpoint('unet1d-lstm', undefined, seed));
const [one, two] = bytes.map((file) => Checkpoint.parse(file).info.hash);

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'denoise-registry-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** The steps of a change as the file system sees them; the process ends itself, by SIGKILL, right before the given one. */
const KILLED_BEFORE = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const [, data, file, last] = process.argv;
  let step = 0;
  for (const name of ['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'ftruncateSync', 'closeSync']) {
    const real = fs[name];
    fs[name] = (...args) => {
      if (counting && step++ === Number(last)) process.kill(process.pid, 'SIGKILL');
      return real(...args);
    };
  }
  let counting = false;
  syncBuiltinESMExports();
  const { Checkpoint } = await import('@/../models/checkpoint.js');
  const { ModelRegistry } = await import('@/../models/registry.js');
  const checkpoint = Checkpoint.parse(fs.readFileSync(file));
  const registry = new ModelRegistry(data);
  await import('koffi');
  counting = true;
  registry.promote(registry.add(checkpoint, 'new'), 'speech');
  counting = false;
  console.log('finished');
`;

it('has the old champion or the new one, whichever step of a change the process is killed at', async () => {
  const registry = new ModelRegistry(data);
  registry.promote(registry.add(Checkpoint.parse(bytes[0]), 'old'), 'speech');
  const file = join(data, 'new.onnx');
  writeFileSync(file, bytes[1]);
  const seen = new Set<string | null>();
  let step = 0;
  for (let finished = false; !finished; step++) {
    const child = startModule(KILLED_BEFORE, [data, file, `${step}`]);
    let said = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await once(child, 'close');
    finished = said.includes('finished');
    const { champion } = registry.state().uses.speech;
    expect([one, two]).toContain(champion);
    expect(Checkpoint.parse(readFileSync(registry.pathOf(champion!))).info.hash).toBe(champion);
    seen.add(champion);
    if (champion === two) {
      expect(registry.rollback('speech')).toBe(one);
      registry.remove(two);
    }
  }
  expect(seen).toEqual(new Set([one, two]));
  expect(step).toBeGreaterThan(10);
});
