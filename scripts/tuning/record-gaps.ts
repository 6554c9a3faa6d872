/**
 * Trains every configuration of the gap task once, each by itself, and writes the validation losses down:
 *
 *     node dist/scripts/tuning/record-gaps.js test/fixtures/tuning/gaps-864.golden.json
 */
import { writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Trainer } from '../../src/training/loop/trainer.js';
import { scheduleConfigSchema } from '../../src/training/schedule/create-schedule.js';
import { gridOf } from '../../src/tuning/samplers/grid.js';
import { EPOCHS, type GapConfig, gapSpace, gapTask } from './gap-task.js';

const [fixture] = process.argv.slice(2);
const trials: { params: GapConfig; validation: number[] }[] = [];
for (const { params } of gridOf(gapSpace)) {
  const config = params as unknown as GapConfig;
  const trainer = await Trainer.create(gapTask(config), {
    epochs: EPOCHS,
    seed: 1,
    clip: 1,
    weightDecay: config.weightDecay,
    schedule: scheduleConfigSchema.parse({ schedule: 'constant', lr: config.lr }),
    threads: 1,
  });
  const validation: number[] = [];
  await trainer.run((event) => {
    if (event.kind === 'epoch') validation.push(Number(event.validationLoss!.toPrecision(4)));
  });
  await trainer.close();
  trials.push({ params: config, validation });
  if (trials.length % 50 === 0)
    console.log(trials.length, Math.min(...trials.flatMap((one) => one.validation)));
  await setImmediate();
}
const rows = trials.map((one) => JSON.stringify(one));
writeFileSync(fixture, `[\n${rows.join(',\n')}\n]\n`);
