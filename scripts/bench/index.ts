import { cpus } from 'node:os';
import { type Bench, formatMeasurement } from './bench.js';
import { families } from './families.js';
import { file } from './file.js';
import { live } from './live.js';
import { radio } from './radio.js';
import { serve } from './serve.js';
import { stream } from './stream.js';
import { trainingStep } from './training-step.js';
import { tuning } from './tuning.js';

/** `npm run bench` runs all of them in this order; `npm run bench NAME [ARGS]` runs one. */
const BENCHES: readonly Bench[] = [stream, serve, file, radio, live, trainingStep, families, tuning];

const [wanted, ...args] = process.argv.slice(2);
const chosen = wanted === undefined ? BENCHES : BENCHES.filter((bench) => bench.name === wanted);
if (chosen.length === 0) {
  console.error(`There is no bench called ${wanted}. There are: ${BENCHES.map((b) => b.name).join(', ')}.`);
  process.exitCode = 2;
} else {
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
  );
  for (const bench of chosen) {
    console.log(`\n${bench.name}: ${bench.about}`);
    for (const measurement of await bench.run(args)) console.log(`  ${formatMeasurement(measurement)}`);
  }
}
