/**
 * Trains the guide's whole grid of 864 on the small denoiser, once, with the tuner itself, and writes its curves down:
 *
 *     node dist/scripts/tuning/record-grid.js FOLDER test/fixtures/tuning/grid-864.json
 *
 * FOLDER holds the journal; started again, it goes on. Configurations that differ only in when they end share a curve, which
 * is checked to the bit and written once.
 */
import { writeFileSync } from 'node:fs';
import {
  FileStorage,
  gridSampler,
  InProcessQueue,
  type Objective,
  runStudy,
  Study,
} from '../../src/tuning/index.js';
import { fullSpace } from '../../src/tuning/searches/guide.js';
import { type Curve, type GuideConfig, trainSmall } from './train-small.js';

const [folder, fixture] = process.argv.slice(2);
const study = await Study.open(new FileStorage(folder), {
  name: 'small denoiser',
  space: fullSpace,
  sampler: gridSampler(),
});
const objective: Objective = async ({ trial }) => {
  const curve = await trainSmall(trial.params as unknown as GuideConfig);
  await trial.setAttribute('curve', curve);
  return { state: 'complete', values: [Math.min(...curve.validation)] };
};
await runStudy(study, new InProcessQueue(), objective, {
  onChange: ({ number, state, values }) => state === 'complete' && console.log(number, values![0]),
});

interface Shared extends Curve {
  key: string;
}
const curves: Shared[] = [];
const trials = study.trials.map(({ params, attributes }) => {
  const { batch, lr, optimizer, schedulerPatience, schedulerFactor } = params;
  const key = [batch, lr, optimizer, schedulerPatience, schedulerFactor].join(' ');
  const own = attributes.curve as Curve;
  let shared = curves.find((one) => one.key === key);
  if (shared === undefined) {
    shared = { key, training: [], validation: [] };
    curves.push(shared);
  }
  for (const which of ['training', 'validation'] as const)
    own[which].forEach((loss, i) => {
      shared[which][i] ??= loss;
      if (shared[which][i] !== loss) throw new Error(`${key} is not the same to the bit in epoch ${i + 1}`);
    });
  return [key, params.epochs, params.patience, own.validation.length];
});
const short = (losses: number[]) => losses.map((loss) => Number(loss.toPrecision(5)));
const stored = curves.map(({ key, training, validation }) => ({
  key,
  training: short(training),
  validation: short(validation),
}));
writeFileSync(fixture, `${JSON.stringify({ trials, curves: stored })}\n`);
await study.close();
