/** docs/tuning.md is run as it stands, only with trainings of a few milliseconds. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ModelRegistry } from '../../models/registry.js';
import { writeCorpus } from '../training/data/synthetic-audio.js';
import { runDenoise } from './support/run-denoise.js';
import { TRAINING_TIMEOUT } from './support/training.js';
import { useWorkspace } from './support/workspace.js';

const guide = readFileSync(new URL('../../docs/tuning.md', import.meta.url), 'utf8');
const commands = [...guide.matchAll(/^```\n([\s\S]*?)^```/gm)]
  .flatMap(([, block]) => block.split('\n'))
  .filter((line) => line.startsWith('denoise '))
  // The part on many machines has a test with real servers.
  .filter((line) => !line.includes('--storage'));

/** What makes a training small. */
const SHORT = { seconds: 0.25, stepsPerEpoch: 1, validationBatches: 1, workers: 0 };
const UNET = { channels: '[2]', strides: '[8]', blocks: 0 };
/** Searches whose own numbers are large: trials pause after an epoch, and none is run to its end. */
const FEW = ['--trials', '2', '--finish-best', '0', '--min-steps', '1'];
const FEWER: Readonly<Record<string, readonly string[]>> = {
  quick: ['--trials', '1'],
  full: FEW,
  tpe: FEW,
  random: FEW,
  grid: ['--trials', '2', '--set', 'epochs=1'],
};
/** Folds are trained to their end. */
const SHORT_FOLDS = ['--space', 'epochs=1,2', '--space', 'batch=8,16'];

const work = useWorkspace();

function miniature(command: string): string[] {
  const [, ...args] = command.split(/\s+/);
  if (args[0] !== 'tune') return args;
  const isUnet = !/--space (cfc|ltc)|--model/.test(command);
  const settings = Object.entries({ ...SHORT, ...(isUnet ? UNET : { epochs: 2 }) });
  const rest = args.filter((word, i) => word !== '--trials' && args[i - 1] !== '--trials');
  return [
    ...rest,
    ...settings.flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ...(FEWER[args[1]] ?? []),
    ...(command.includes('--folds') ? SHORT_FOLDS : []),
    '--quiet',
  ];
}

describe('the guide to tuning', () => {
  it('has commands', () => {
    expect(commands.length).toBeGreaterThan(8);
  });

  it('works from its first command to its last', { timeout: TRAINING_TIMEOUT }, async () => {
    const { speech, noise } = writeCorpus(work.folder);
    for (const command of commands) {
      const args = miniature(command).map((word) =>
        word === 'speech/' ? speech : word === 'noise/' ? noise : word,
      );
      const env = { ...process.env, DENOISE_DATA: work.at('data') };
      const { code, stderr } = await runDenoise(args, { spawn: { cwd: work.folder, env } });
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    }
    const { stdout } = await runDenoise(['analyze', 'pareto'], { spawn: { cwd: work.folder } });
    expect(stdout.toString()).toContain('Pareto front');
    const candidate = new ModelRegistry(work.at('data')).state().uses.speech.candidate;
    expect(candidate).toMatch(/^[0-9a-f]{64}$/);
  });
});
