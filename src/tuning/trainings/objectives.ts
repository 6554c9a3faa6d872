import { openModel } from '../../../models/open-model.js';
import { Model } from '../../engine/model.js';
import { Random } from '../../random.js';
import { Registry } from '../registry.js';
import type { TrialResult } from './trial-result.js';

/** Something that a trained model is to have little of. */
interface ModelObjective {
  /** For tables and charts, with its unit. */
  metric: string;
  /** @param model path of the checkpoint; absent where the task makes none */
  measure(result: TrialResult, model: string | undefined): Promise<number>;
}

/** Hops before the measurement: the runtime plans its memory in the first ones. */
const WARM_UP_HOPS = 20;
const SECONDS_MEASURED = 2;

/** Of all hops the tenth that is fastest: what else runs on the machine makes hops slower, never faster. */
const QUANTILE = 0.1;

/**
 * What a stream through a model takes of a core: time on the clock of a fast hop against its length.
 * @param path of the checkpoint
 */
async function costOf(path: string): Promise<number> {
  const model = await Model.load(path, { device: 'cpu' });
  const stream = model.createStream();
  try {
    const { hop, sampleRate } = model.info;
    const random = new Random(1);
    const audio = Float32Array.from({ length: hop }, () => 0.1 * random.normal());
    for (let n = 0; n < WARM_UP_HOPS; n++) await stream.process(audio);
    const hops = Math.ceil((SECONDS_MEASURED * sampleRate) / hop);
    const times: number[] = [];
    for (let n = 0; n < hops; n++) {
      const start = performance.now();
      await stream.process(audio);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return times[Math.floor(QUANTILE * hops)] / ((1000 * hop) / sampleRate);
  } finally {
    stream.close();
    await model.close();
  }
}

/** Nothing is measured of a model that is not there. */
const ofModel =
  (measure: (path: string) => Promise<number>): ModelObjective['measure'] =>
  async (_, model) =>
    model === undefined ? Number.NaN : measure(model);

/** What `--objective` takes; all are minimised. */
export const objectives = new Registry<ModelObjective>('objective', {
  loss: { metric: 'validation loss', measure: async ({ bestValidationLoss }) => bestValidationLoss },
  cost: { metric: 'share of a core', measure: ofModel(costOf) },
  size: {
    metric: 'weights',
    measure: ofModel(async (path) => (await openModel(path)).checkpoint.info.parameters),
  },
});
