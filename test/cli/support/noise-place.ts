import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package-root.js';
import { Random } from '../../../src/random.js';
import { roughCheckpoint } from '../../support/tiny-model.js';
import { runDenoise } from './run-denoise.js';
import { wavBytes } from './wav-bytes.js';

const RATE = 16_000;
/** A model with few weights and the hop of the flagship: a shorter hop would mean more hops. */
const SMALL = { window: 512, channels: [4, 6], strides: [4, 2], hidden: 5, blocks: 1 };
/** Clips of each kind that are taken of the corpus that ships. */
const CLIPS = 6;

/** Mains hum with the pulses of a dimmer and a little hiss, `[time]` at 16 kHz. */
export function humAndBuzz(seconds: number, seed = 5): Float32Array {
  const random = new Random(seed);
  let pulse = 0;
  return Float32Array.from({ length: seconds * RATE }, (_, n) => {
    if (n % 160 === 0) pulse = random.normal();
    pulse *= 0.9;
    return 0.05 * Math.sin((2 * Math.PI * 50 * n) / RATE) + 0.05 * pulse + 0.01 * random.normal();
  });
}

/** A machine of its own: data folder, a small champion that knows nothing yet, a small replay corpus, captured hum. */
export async function preparePlace(folder: string): Promise<{
  replay: string;
  run(...words: string[]): ReturnType<typeof runDenoise>;
  env: NodeJS.ProcessEnv;
  champion: string;
}> {
  const replay = join(folder, 'replay');
  for (const part of ['train/speech', 'train/noise', 'gate/speech', 'gate/noise']) {
    const from = join(packageRoot, 'assets', 'replay', part);
    mkdirSync(join(replay, part), { recursive: true });
    for (const name of readdirSync(from).slice(0, CLIPS)) cpSync(join(from, name), join(replay, part, name));
  }
  const env = { ...process.env, DENOISE_DATA: join(folder, 'data') };
  const run = (...words: string[]) => runDenoise(words, { spawn: { env } });
  writeFileSync(join(folder, 'tiny.onnx'), roughCheckpoint('unet1d-lstm', SMALL));
  const imported = await run('models', 'import', join(folder, 'tiny.onnx'), '--json');
  const { version: champion } = JSON.parse(imported.stdout.toString()) as { version: string };
  await run('models', 'promote', champion.slice(0, 12));
  writeFileSync(join(folder, 'hum.wav'), wavBytes([humAndBuzz(40)]));
  await run('noise', 'import', join(folder, 'hum.wav'), '--profile', 'shack');
  return { replay, run, env, champion };
}

/** Words that retune the small champion: four trials of at most 40 steps, however long these take. */
export const quickRetune = (replay: string): string[] => [
  ...['retune', '--now', '--profile', 'shack', '--minutes', '30', '--cores', '1', '--replay', replay],
  ...['--set', 'epochs=4', '--set', 'seconds=1', '--set', 'stepsPerEpoch=10', '--set', 'validationBatches=2'],
  '--json',
];
