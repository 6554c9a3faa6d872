import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { type OpenModelOptions, openModel } from '../../models/open-model.js';
import { ModelRegistry } from '../../models/registry.js';
import { roughCheckpoint } from '../support/tiny-model.js';

const bytes = roughCheckpoint();
const { hash } = Checkpoint.parse(bytes).info;

let folder: string;
let registry: ModelRegistry;
const at = (...names: string[]): string => join(folder, ...names);
const open = (asked?: string, options: OpenModelOptions = {}) => openModel(asked, { registry, ...options });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-open-'));
  registry = new ModelRegistry(at('data'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openModel', () => {
  it('gives the shipped model of the use until a champion was promoted', async () => {
    expect(await open()).toMatchObject({ name: 'base', role: 'shipped' });
    expect(await open(undefined, { use: 'radio' })).toMatchObject({ name: 'radio', role: 'shipped' });
    expect(await open('champion')).toMatchObject({ name: 'base', role: 'shipped' });
    registry.promote(registry.add(Checkpoint.parse(bytes), 'test'), 'speech');
    expect(await open()).toMatchObject({ name: 'rough', role: 'champion' });
    expect(await open('speech/champion', { use: 'radio' })).toMatchObject({ role: 'champion' });
    expect(await open('champion', { use: 'radio' })).toMatchObject({ name: 'radio' });
    expect(await open('base')).toMatchObject({ name: 'base', role: 'shipped' });
  });

  it('takes files, run folders, versions, candidates and families', async () => {
    writeFileSync(at('mine.onnx'), bytes);
    mkdirSync(at('run'));
    writeFileSync(at('run', 'model.onnx'), bytes);
    expect(await open(at('mine.onnx'))).toMatchObject({ name: 'rough', role: 'file' });
    expect((await open(`${at('run')}/`)).checkpoint.info.hash).toBe(hash);
    registry.nominate(registry.add(Checkpoint.parse(bytes), 'test'), 'radio');
    expect(await open(hash.slice(0, 8))).toMatchObject({ role: 'version' });
    expect(await open('candidate', { use: 'radio' })).toMatchObject({ role: 'candidate' });
    expect(await open('unet1d-lstm')).toMatchObject({ role: 'shipped' });
  });

  it('says what there is instead of what there is not', async () => {
    mkdirSync(at('run'));
    for (const asked of [at('run'), at('none.onnx'), 'candidate', 'ltc', 'nothing', 'abcdef12'])
      await expect(open(asked)).rejects.toMatchObject({ code: 'E_NO_MODEL', hint: expect.any(String) });
    writeFileSync(at('text.onnx'), 'not a model');
    await expect(open(at('text.onnx'))).rejects.toMatchObject({ code: 'E_CHECKPOINT_CORRUPT' });
  });

  it('does not serve a version whose file was replaced', async () => {
    registry.promote(registry.add(Checkpoint.parse(bytes), 'test'), 'speech');
    writeFileSync(registry.pathOf(hash), roughCheckpoint('unet1d-lstm', undefined, 2));
    await expect(open()).rejects.toMatchObject({ code: 'E_CHECKPOINT_CORRUPT' });
  });

  it.skipIf(!existsSync('/dev/zero'))('reads no more than it should, and stops when told', async () => {
    await expect(open('/dev/zero', { maxBytes: 1e6 })).rejects.toMatchObject({ code: 'E_TOO_LARGE' });
    execFileSync('mkfifo', [at('pipe')]);
    const control = new AbortController();
    const waiting = open(at('pipe'), { signal: control.signal });
    control.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});
