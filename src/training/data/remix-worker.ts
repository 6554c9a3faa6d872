/** A thread that mixes training batches ahead of the step that needs them. */
import { TrainingError } from '../../errors.js';
import { serveWorker, Transferred } from '../../threads/serve.js';
import {
  createExampleSource,
  type ExampleOptions,
  type ExampleSource,
  mixBatch,
  type TrainingBatch,
} from './batch.js';

export interface RemixMethods {
  open(settings: RemixSettings): void;
  mix(step: number): TrainingBatch;
}

export interface RemixSettings {
  examples: ExampleOptions;
  /** Examples per batch. */
  batch: number;
}

let opened: (RemixSettings & { source: ExampleSource }) | undefined;

serveWorker<RemixMethods>({
  open(settings) {
    opened = { ...settings, source: createExampleSource(settings.examples) };
  },
  mix(step) {
    if (opened === undefined)
      throw new TrainingError('E_LOADER', 'No examples were opened to mix batches from.');
    const { source, batch, examples } = opened;
    const mixed = mixBatch(source, step, batch, examples.samples);
    return new Transferred(mixed, [mixed.noisy.buffer, mixed.clean.buffer, mixed.snrDb.buffer]);
  },
});
