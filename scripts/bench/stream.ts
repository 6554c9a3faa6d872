import type { DenoiserStream } from '../../src/engine/denoiser-stream.js';
import { Model } from '../../src/engine/model.js';
import { type Bench, type Measurement, percentile } from './bench.js';

/** Hops before a measurement: the runtime plans its memory, and the program is compiled, in the first ones. */
const WARM_UP = 300;

/** Hops of every stream that a measurement takes. */
const HOPS = 500;
const BULK_SECONDS = 60;

/** How many streams are measured together, and what share of a core each may take. */
const STREAMS: readonly (readonly [number, number | undefined])[] = [
  [1, 0.014],
  [4, undefined],
  [16, 0.007],
];

/** A hop that takes longer from its arrival to the clean samples is late: live audio has no more room. */
const LATE_MS = 20;

/** Streams hop by hop on one thread: what they cost, how long they wait, how many a core carries; and a file for comparison. */
export const stream: Bench = {
  name: 'stream',
  about:
    'streams through one model on one thread, hop by hop; first argument: model instead of the best shipped',
  async run([asked]) {
    const model = await Model.load(asked, { device: 'cpu' });
    try {
      const { hop, sampleRate, name } = model.info;
      const hopMs = (1000 * hop) / sampleRate;
      const measurements: Measurement[] = [];
      for (const [count, atMost] of STREAMS) {
        const { processorMs, waitsMs } = await measure(model, count);
        const what = `${name}, ${count} ${count === 1 ? 'stream' : 'streams'}, hop of ${Number(hopMs.toFixed(2))} ms`;
        measurements.push(
          {
            what: `${what}, processor time each`,
            value: processorMs / count / hopMs,
            unit: 'of a core',
            ...(atMost === undefined ? {} : { promise: { atMost } }),
          },
          { what: `${what}, p50, thread and back`, value: percentile(waitsMs, 0.5), unit: 'ms' },
          { what: `${what}, p99, thread and back`, value: percentile(waitsMs, 0.99), unit: 'ms' },
        );
      }
      measurements.push({
        what: `${name}, streams on one core with p99 under ${LATE_MS} ms`,
        value: await streamsPerCore(model, hopMs),
        unit: 'streams',
      });
      const denoiser = model.createStream();
      const start = performance.now();
      await denoiser.process(noise(BULK_SECONDS * sampleRate));
      measurements.push({
        what: `${name}, ${BULK_SECONDS} s of ${sampleRate / 1000} kHz mono`,
        value: BULK_SECONDS / ((performance.now() - start) / 1000),
        unit: '× real time',
        promise: { atLeast: 25 },
      });
      return measurements;
    } finally {
      await model.close();
    }
  },
};

interface RoundCost {
  /** Processor time of one hop of all streams, both threads, ms: the median over parts of the measurement. */
  processorMs: number;
  /** Time on the clock of each round, ms. */
  waitsMs: number[];
}

/** Rounds in which a hop of every stream arrives at once, the next as soon as the last is done. */
async function measure(model: Model, count: number, hops = HOPS): Promise<RoundCost> {
  const streams: DenoiserStream[] = Array.from({ length: count }, () => model.createStream());
  const audio = noise(model.info.hop);
  const round = (): Promise<unknown> => Promise.all(streams.map((one) => one.process(audio)));
  for (let n = 0; n < WARM_UP; n++) await round();
  const waitsMs: number[] = [];
  const costs: number[] = [];
  const part = Math.ceil(hops / 10);
  for (let n = 0; n < 10; n++) {
    const before = process.cpuUsage();
    for (let i = 0; i < part; i++) {
      const start = performance.now();
      await round();
      waitsMs.push(performance.now() - start);
    }
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000 / part);
  }
  for (const one of streams) one.close();
  return { processorMs: percentile(costs, 0.5), waitsMs };
}

/** The most streams, in steps of a half, whose rounds are done before the next hop is there and 99 of 100 in time. */
async function streamsPerCore(model: Model, hopMs: number): Promise<number> {
  let most = 0;
  for (let count = 16; ; count = Math.ceil(1.5 * count)) {
    const { processorMs, waitsMs } = await measure(model, count, 100);
    if (processorMs > hopMs || percentile(waitsMs, 0.99) > LATE_MS) return most;
    most = count;
  }
}

/** White noise, seeded, −26 dBFS. */
function noise(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 0.0868 * (state / 2 ** 31 - 1);
  });
}
