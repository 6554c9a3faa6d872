import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Checkpoint } from '../../../models/checkpoint.js';
import { bits } from '../../training/data/synthetic-audio.js';
import { type Finished, runDenoise } from './run-denoise.js';

/** Each call starts the program anew: a second, or twenty on a machine with ten times the work it can do. */
export const TRAINING_TIMEOUT = 600_000;

/** The flagship at its smallest: 8 steps in all. */
export const TINY = [
  ['epochs', 2],
  ['stepsPerEpoch', 4],
  ['seconds', 0.25],
  ['batch', 2],
  ['validationBatches', 1],
  ['window', 64],
  ['channels', '[4,6]'],
  ['strides', '[2,2]'],
  ['hidden', 5],
  ['blocks', 1],
].flatMap(([name, value]) => ['--set', `${name}=${value}`]);

export const train = (...args: string[]): Promise<Finished> => runDenoise(['train', ...args]);

export async function weightsOf(run: string): Promise<string> {
  return bits(Checkpoint.parse(await readFile(join(run, 'model.onnx'))).variables().variables.weights);
}

/** Trains until `enough` steps are written down, then sends `signal`. */
export async function trainUntil(
  run: string,
  signal: NodeJS.Signals,
  enough: number,
  args: string[],
): Promise<Finished> {
  const metrics = join(run, 'metrics.jsonl');
  const steps = async (): Promise<number> =>
    existsSync(metrics) ? (await readFile(metrics, 'utf8')).split('"kind":"step"').length - 1 : 0;
  return runDenoise(['train', '--run', run, ...args], {
    started: async (child) => {
      while (child.exitCode === null && (await steps()) < enough)
        await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill(signal);
    },
  });
}
