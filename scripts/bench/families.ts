import { familyByName, familyNames, parseConfig } from '../../models/families.js';
import { seqvaeConfig } from '../../models/seqvae.js';
import { mse } from '../../src/nn/losses/loss.js';
import { describeModel } from '../../src/nn/streaming-graph.js';
import { Random } from '../../src/random.js';
import { type Feeds, TrainingSession } from '../../src/training/loop/training-session.js';
import { seqvaeTraining } from '../../src/training/tasks/seqvae-training.js';
import type { Bench, Measurement } from './bench.js';

const BATCH = 4;
const SECONDS = 1;
const STEPS = 5;

/** Processor time of a training step of every family, as configured by default, on one core. */
export const families: Bench = {
  name: 'families',
  about: `training step of every family: ${BATCH} × ${SECONDS} s, processor time of one core`,
  async run() {
    const measurements: Measurement[] = [];
    for (const name of familyNames()) {
      const { session, feeds } = name === 'seqvae' ? await startSeqvae() : await startDenoiser(name);
      await session.step(feeds, 1e-4);
      const before = process.cpuUsage();
      for (let i = 0; i < STEPS; i++) await session.step(feeds, 1e-4);
      const { user, system } = process.cpuUsage(before);
      measurements.push({
        what: `${name}, ${(session.parameters / 1000).toFixed(0)} thousand weights`,
        value: (user + system) / 1000 / STEPS,
        unit: 'ms',
      });
      await session.close();
    }
    const flagship = measurements[0].value;
    return measurements.flatMap((m) => [
      m,
      { what: '  against the first', value: m.value / flagship, unit: '×' },
    ]);
  },
};

const noise = (dims: readonly number[]): Feeds[string] => {
  const random = new Random(1);
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 0.1 * random.normal());
  return { data, dims };
};

async function startDenoiser(name: string): Promise<{ session: TrainingSession; feeds: Feeds }> {
  const family = familyByName(name);
  const config = parseConfig(family, {});
  const hop = family.hop(config);
  const dims = [BATCH, Math.floor((SECONDS * family.sampleRate(config)) / hop) * hop];
  const session = await TrainingSession.create(
    (b) => mse(family.build(b, b.graph.input('noisy', dims), config), b.graph.input('clean', dims)),
    describeModel(family, config),
    { batch: BATCH },
    { seed: 1 },
  );
  return { session, feeds: { noisy: noise(dims), clean: noise(dims) } };
}

async function startSeqvae(): Promise<{ session: TrainingSession; feeds: Feeds }> {
  const config = seqvaeConfig.parse({});
  const frames = 2 * config.frames;
  const { data } = noise([frames, config.bands]);
  const recordings = [{ logPower: data, frames, bands: config.bands }];
  const task = seqvaeTraining({ config, recordings, batch: BATCH, stepsPerEpoch: 1, seed: 1 });
  const session = await TrainingSession.create(task.buildLoss, task.specs, { batch: BATCH }, { seed: 1 });
  return { session, feeds: await task.feeds(0) };
}
