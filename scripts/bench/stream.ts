import { Model } from '../../src/engine/model.js';
import { type Bench, percentile } from './bench.js';

/** Hops before the measurement: the runtime plans its memory in the first ones. */
const WARM_UP = 100;

/** Hops measured one by one, and seconds of audio measured in one go. */
const HOPS = 2000;
const BULK_SECONDS = 60;

/** The model alone, one stream on one thread: what live audio waits for, hop by hop, and what a file can have at most. */
export const stream: Bench = {
  name: 'stream',
  about: 'one stream through the model on one thread; first argument: model instead of the best shipped',
  async run([asked]) {
    const model = await Model.load(asked, { device: 'cpu' });
    try {
      const { hop, sampleRate, name } = model.info;
      const denoiser = model.createStream();
      const audio = noise(hop);
      const milliseconds: number[] = [];
      for (let n = 0; n < WARM_UP + HOPS; n++) {
        const start = performance.now();
        await denoiser.process(audio);
        if (n >= WARM_UP) milliseconds.push(performance.now() - start);
      }
      denoiser.reset();
      const bulk = noise(BULK_SECONDS * sampleRate);
      const start = performance.now();
      await denoiser.process(bulk);
      const speed = BULK_SECONDS / ((performance.now() - start) / 1000);
      const hopMs = (1000 * hop) / sampleRate;
      const title = `${name}, hop of ${Number(hopMs.toFixed(2))} ms`;
      return [
        { what: `${title}, p50, thread and back`, value: percentile(milliseconds, 0.5), unit: 'ms' },
        { what: `${title}, p99, thread and back`, value: percentile(milliseconds, 0.99), unit: 'ms' },
        {
          what: `${title}, share of real time (p50)`,
          value: percentile(milliseconds, 0.5) / hopMs,
          unit: '',
        },
        {
          what: `${name}, ${BULK_SECONDS} s of ${sampleRate / 1000} kHz mono`,
          value: speed,
          unit: '× real time',
          promise: { atLeast: 25 },
        },
      ];
    } finally {
      await model.close();
    }
  },
};

/** White noise, seeded, −26 dBFS. */
function noise(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 0.0868 * (state / 2 ** 31 - 1);
  });
}
