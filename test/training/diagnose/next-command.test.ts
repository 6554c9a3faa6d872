import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { trainCommand } from '../../../src/training/diagnose/next-command.js';

describe('trainCommand', () => {
  it('resumes with the changes alone', () => {
    const config = { model: 'lstm', set: { hidden: 64 } };
    expect(trainCommand(config, 'runs/a', { lr: 3e-4 }, 'resume')).toBe(
      'denoise train --resume runs/a --set lr=0.0003',
    );
    expect(trainCommand(config, undefined, { lr: 3e-4 }, 'resume')).toBe(
      'denoise train --resume RUN --set lr=0.0003',
    );
  });

  it('starts again with everything the run was started with, the changes over it', () => {
    const config = {
      model: 'unet1d',
      clean: ['a', 'b'],
      noise: 'n',
      set: { lr: 1e-3, optimizer: 'adam', nested: { ignored: 1 } },
      lr: 1e-3,
    };
    expect(trainCommand(config, 'runs/a', { lr: 1e-4 }, 'initial')).toBe(
      'denoise train --model unet1d --clean a --clean b --noise n --set lr=0.0001 --set optimizer=adam',
    );
  });

  it.skipIf(process.platform === 'win32')('survives a shell, whatever a folder is called', () => {
    const folder = 'it\'s $HOME `x` \\ "q" *';
    const command = trainCommand({ clean: folder }, undefined, {}, 'initial').replace(
      'denoise',
      "printf '%s|'",
    );
    expect(spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout).toBe(`train|--clean|${folder}|`);
  });
});
