/**
 * Trains the guide's whole grid of 864 on the small denoiser, once, with the tuner itself, and writes its curves down:
 *
 *     node dist/scripts/tuning/record-grid.js FOLDER test/fixtures/tuning/grid-864.golden.json
 *
 * FOLDER holds the journal; started again, it goes on. Configurations that differ only in when they end (`epochs`, `patience`) share one
 * training, the longest: with `EACH=1` every one of them is trained by itself. All that share are compared to the bit.
 */
import { writeFileSync } from 'node:fs';
import { EarlyStopping } from '../../src/training/schedule/early-stopping.js';
import {
  FileStorage,
  gridSampler,
  InProcessQueue,
  type Objective,
  runStudy,
  Study,
} from '../../src/tuning/index.js';
import { fullSpace } from '../../src/tuning/searches/guide.js';
import type { TrialRecord } from '../../src/tuning/trial.js';
import { type Curve, type GuideConfig, trainSmall } from './train-small.js';

const [folder, fixture] = process.argv.slice(2);
const study = await Study.open(new FileStorage(folder), {
  name: 'small denoiser',
  space: fullSpace,
  sampler: gridSampler(),
});

/** Configurations with one key differ only in when they end. */
const keyOf = ({ batch, lr, optimizer, schedulerPatience, schedulerFactor }: GuideConfig): string =>
  [batch, lr, optimizer, schedulerPatience, schedulerFactor].join(' ');
const configOf = ({ params }: TrialRecord) => params as unknown as GuideConfig;
const LONGEST = { epochs: 150, patience: 25 };
const whole = new Map<string, Curve>();
for (const trial of study.trials) {
  const { epochs, patience } = configOf(trial);
  const curve = trial.attributes.curve as Curve | undefined;
  if (curve !== undefined && epochs === LONGEST.epochs && patience === LONGEST.patience)
    whole.set(keyOf(configOf(trial)), curve);
}

/** As much of a curve as a training that ends earlier has. */
function shortened({ training, validation }: Curve, { epochs, patience }: GuideConfig): Curve {
  const stopping = new EarlyStopping(patience);
  let length = 0;
  while (
    length < Math.min(epochs, validation.length) &&
    !stopping.update(length + 1, validation[length++]).stop
  );
  return { training: training.slice(0, length), validation: validation.slice(0, length) };
}

/** The curve of a configuration: trained, or taken from a longer training. */
async function curveFor(config: GuideConfig): Promise<Curve> {
  const key = keyOf(config);
  if (process.env.EACH === '1') return trainSmall(config);
  if (!whole.has(key)) whole.set(key, await trainSmall({ ...config, ...LONGEST }));
  return shortened(whole.get(key)!, config);
}

const objective: Objective = async ({ trial }) => {
  const curve = await curveFor(configOf(trial.record));
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
const trials: [key: string, epochs: number, patience: number, length: number][] = [];
for (const trial of study.trials) {
  const { epochs, patience } = configOf(trial);
  const key = keyOf(configOf(trial));
  // A trial that failed has no curve of its own.
  const own = (trial.attributes.curve as Curve | undefined) ?? (await curveFor(configOf(trial)));
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
  trials.push([key, epochs, patience, own.validation.length]);
}
const short = (losses: number[]) => losses.map((loss) => Number(loss.toPrecision(5)));
const stored = curves.map(({ key, training, validation }) => ({
  key,
  training: short(training),
  validation: short(validation),
}));
writeFileSync(fixture, `${JSON.stringify({ trials, curves: stored })}\n`);
await study.close();
