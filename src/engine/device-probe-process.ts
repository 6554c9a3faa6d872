/** The process that {@link deviceWorks} starts: loads a model on a device, and prints one line when it could. */
import type { ChosenDevice } from './device.js';
import { PROBE_PASSED } from './device-probe.js';
import { Model } from './model.js';

const [device, model] = process.argv.slice(2);
try {
  const loaded = await Model.load(model, { device: device as ChosenDevice });
  process.stdout.write(PROBE_PASSED);
  await loaded.close();
} catch {
  process.exitCode = 1;
}
