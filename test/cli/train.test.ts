import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { familyNames } from '../../models/families.js';
import { readRun } from '../../src/training/run/run-folder.js';
import { TASK_NAMES } from '../../src/training/tasks/tasks.js';
import { toneBursts, whiteNoise, writeCorpus, writeWav } from '../training/data/synthetic-audio.js';
import { jsonError, runDenoise } from './support/run-denoise.js';
import { TINY, TRAINING_TIMEOUT, train } from './support/training.js';

let root: string;
let data: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'denoise-train-'));
  const { speech, noise } = writeCorpus(root);
  data = ['--clean', speech, '--noise', noise];
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('denoise train', { timeout: TRAINING_TIMEOUT }, () => {
  it('trains, tells how it goes, and leaves a run that can be used, read and diagnosed', async () => {
    const run = join(root, 'whole');
    const finished = await train(...data, ...TINY, '--run', run);
    expect(finished.stderr).not.toMatch(/^denoise:/m);
    expect(finished.code).toBe(0);
    expect(finished.stdout.toString()).toMatch(
      /^Training on .* held out\.\n\d+ weights on cpu, 8 steps to go\.\nepoch 1 {2}training .*validation .*loader .*\nepoch 2 .*\nDone after 2 epochs, 8 steps; best validation loss .*\nModel: .*model\.onnx\n.*denoise diagnose /,
    );
    const files = (await readdir(run)).map((name) => name.replace(/tfevents.*/, 'tfevents')).sort();
    expect(files).toEqual([
      '.metrics.jsonl.lock',
      '.run.lock',
      'checkpoints',
      'config.json',
      'curves-gradient-norm.png',
      'curves-learning-rate.png',
      'curves.png',
      'events.out.tfevents',
      'metrics.jsonl',
      'model.onnx',
      'result.json',
    ]);
    const { events, status } = readRun(run);
    expect(status).toBe('finished');
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'step')).toHaveLength(8);
    expect(kinds.filter((kind) => kind === 'epoch')).toHaveLength(2);
    const { family, config } = Checkpoint.parse(await readFile(join(run, 'model.onnx'))).variables();
    expect([family.name, config]).toMatchObject(['unet1d-lstm', { hidden: 5, channels: [4, 6] }]);

    const diagnosis = await runDenoise(['diagnose', run, '--json']);
    expect(diagnosis.code).toBe(0);
    expect(JSON.parse(diagnosis.stdout.toString())).toMatchObject({ tier: 'unknown', kept: { epoch: 2 } });
    const text = await runDenoise(['diagnose', run]);
    expect(text.stdout.toString()).toMatch(/^Run: +finished\nTier: unknown \(epoch 2/);
  });

  it('starts from a checkpoint with its configuration, and names it as the parent', async () => {
    const parent = join(root, 'parent');
    await train(...data, ...TINY, '--run', parent, '--quiet');
    const child = join(root, 'child');
    const settings = ['--set', 'lr=1e-6', '--set', 'averageDecay=0', ...TINY.slice(0, 10)];
    const finished = await train(...data, ...settings, '--model', join(parent, 'model.onnx'), '--run', child);
    expect(finished.stderr).not.toMatch(/^denoise:/m);
    const [before, after] = await Promise.all(
      [parent, child].map(async (run) =>
        Checkpoint.parse(await readFile(join(run, 'model.onnx'))).variables(),
      ),
    );
    expect(after.config).toEqual(before.config);
    const moved = after.variables.weights.map((w, i) => Math.abs(w - before.variables.weights[i]));
    expect(Math.max(...moved)).toBeGreaterThan(0);
    // Eight steps of at most 1e-6 each.
    expect(Math.max(...moved)).toBeLessThan(2e-5);
  });

  it('learns from pairs, and validates on pairs that it does not learn from', async () => {
    const [clean, noisy] = [join(root, 'pairs/clean'), join(root, 'pairs/noisy')];
    for (let i = 0; i < 4; i++) {
      const speech = toneBursts(1, 200 + 100 * i);
      const noise = whiteNoise(1, i);
      writeWav(join(clean, `speaker${i}.wav`), [speech], 16_000);
      writeWav(join(noisy, `speaker${i}.wav`), [speech.map((x, n) => x + noise[n])], 16_000);
    }
    writeWav(join(noisy, 'lonely.wav'), [whiteNoise(1, 9)], 16_000);
    const finished = await train(
      '--noisy',
      noisy,
      '--clean',
      clean,
      ...TINY,
      '--run',
      join(root, 'pairs-run'),
    );
    expect(finished.code).toBe(0);
    expect(finished.stderr).toMatch(/left out lonely\.wav: there is no clean recording of that name/);
    expect(finished.stdout.toString()).toMatch(/validation/);
  });

  it('takes recordings of any rate, leaves out damaged, silent and short ones, and names them', async () => {
    const [speech, noise] = [join(root, 'mixed/speech'), join(root, 'mixed/noise')];
    for (const rate of [8000, 22_050, 48_000])
      writeWav(join(speech, `voice${rate}.wav`), [toneBursts(1, 300, rate)], rate);
    writeWav(join(speech, 'below-a-crop.wav'), [toneBursts(0.4, 300)], 16_000);
    writeWav(join(speech, 'silent.wav'), [new Float32Array(16_000)], 16_000);
    writeWav(join(speech, 'blip.wav'), [toneBursts(0.05, 300)], 16_000);
    await writeFile(join(speech, 'damaged.wav'), 'RIFF and nothing else');
    await writeFile(join(speech, 'damaged.flac'), 'fLaC and nothing else');
    writeWav(join(noise, 'hiss.wav'), [whiteNoise(1, 3, 44_100)], 44_100);
    const settings = [...TINY, '--set', 'seconds=0.75'];
    const run = join(root, 'mixed-run');
    const finished = await train('--clean', speech, '--noise', noise, ...settings, '--run', run);
    expect(finished.code).toBe(0);
    const left = finished.stderr.split('\n').flatMap((line) => /left out (\S+): /.exec(line)?.[1] ?? []);
    expect(left.sort()).toEqual(['blip.wav', 'damaged.flac', 'damaged.wav', 'silent.wav']);
  });

  it('learns the frequency task and names the tier', async () => {
    const run = join(root, 'frequency');
    const finished = await train(
      ...['--task', 'frequency', '--set', 'epochs=1', '--set', 'hidden=4', '--run', run],
      ...['--set', 'signal.seconds=1', '--set', 'signal.frequencies=[10,30]'],
    );
    expect(finished.stderr).not.toMatch(/^denoise:/m);
    expect(finished.stdout.toString()).toMatch(/Training MSE .*, test MSE .*, ratio .*: below the minimum\./);
    expect(existsSync(join(run, 'extraction.png'))).toBe(true);
    expect(JSON.parse(await readFile(join(run, 'result.json'), 'utf8'))).toMatchObject({ tier: 'none' });
  });

  it('learns a noise, and leaves a model that makes more of it', async () => {
    const run = join(root, 'noise-model');
    const tiny = {
      window: 64,
      bands: 8,
      frames: 16,
      'model.hidden': 4,
      latent: 8,
      codes: 8,
      batch: 4,
      epochs: 1,
    };
    const set = Object.entries(tiny).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const finished = await train('--task', 'noise-model', ...data.slice(2), ...set, '--run', run);
    expect(finished.stderr).not.toMatch(/^denoise:/m);
    expect(finished.stdout.toString()).toMatch(/^Training on 0\.\d+ h of noise, .*held out\.\n/);
    expect(finished.stdout.toString()).toMatch(/Done after 1 epoch, 1 step;/);
    expect(Checkpoint.parse(await readFile(join(run, 'model.onnx'))).variables().family.name).toBe('seqvae');
  });

  it('says in its help which tasks and families there are', async () => {
    const help = (await train('--help')).stdout.toString();
    for (const name of [...familyNames(), ...TASK_NAMES]) expect(help).toContain(name);
  });

  it('says in one sentence what is wrong with what it was asked for', async () => {
    const empty = join(root, 'empty');
    await mkdir(empty, { recursive: true });
    const wrong: [args: string[], exit: number, code: string, sentence: RegExp][] = [
      [[...data, '--set', 'lrate=1'], 2, 'E_SETTING', /Known settings: .*lr, /],
      [[...data, '--set', 'stepPerEpoch=1'], 2, 'E_SETTING', /Did you mean stepsPerEpoch\?/],
      [[...data, '--set', 'lr=-1'], 2, 'E_CONFIG', /lr/],
      [[...data, '--set', 'lr'], 2, 'E_SETTING', /key=value/],
      [[...data, '--model', 'lstn'], 2, 'E_FAMILY', /lstm/],
      [[...data, '--preset', 'serial'], 2, 'E_PRESET', /serial/],
      [['--task', 'frequency', '--preset', 'huge'], 2, 'E_PRESET', /default, serial, long, large/],
      [['--task', 'sing'], 2, 'E_TASK', /denoise, frequency, noise-model/],
      [['--clean', empty], 2, 'E_NO_DATA', /--noise DIR/],
      [['--clean', empty, ...data.slice(2)], 1, 'E_NO_AUDIO', /holds no WAV, FLAC or Opus file/],
      [['--clean', join(root, 'absent'), ...data.slice(2)], 1, 'E_NOT_FOUND', /no such file or folder/],
      [['--resume', empty], 1, 'E_NOT_A_RUN', /not a training run/],
    ];
    for (const [args, exit, code, sentence] of wrong) {
      const finished = await train('--json', '--run', join(root, 'never'), ...args);
      const error = jsonError(finished);
      expect([args, finished.code, error.code]).toEqual([args, exit, code]);
      expect(`${error.message} ${error.hint}`).toMatch(sentence);
      expect(finished.stdout.length).toBe(0);
    }
    expect(existsSync(join(root, 'never'))).toBe(false);
    const diagnosis = await runDenoise(['diagnose', empty, '--json']);
    expect([diagnosis.code, jsonError(diagnosis).code]).toEqual([1, 'E_NOT_A_RUN']);
  });
});
