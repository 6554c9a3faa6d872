import { z } from 'zod';
import { familyByName, parseConfig } from '../../../models/families.js';
import { UsageError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import { frequencySignalSchema } from '../data/frequency-data.js';
import { remixConfigSchema } from '../data/remix-config.js';
import { scheduleConfigSchema } from '../schedule/create-schedule.js';

/** Settings of every run, whatever its task; each is a `--set` name. */
const commonSettings = scheduleConfigSchema.extend({
  epochs: z.int().min(1).max(100_000).default(50),
  /** Adam, or AdamW with decoupled weight decay. */
  optimizer: z.enum(['adam', 'adamw']).default('adamw'),
  weightDecay: z.number().min(0).max(1).default(0.01),
  /** Largest global norm of the gradient. */
  clipNorm: z.number().positive().default(1),
  /** Epochs without a better validation loss that end the run; 0 never. */
  patience: z.int().min(0).default(0),
  /** Decay of the average of weights that is validated and kept; 0 keeps the weights themselves. */
  averageDecay: z.number().min(0).lt(1).default(0),
  seed: z.int().min(0).default(1),
  /** Minutes between checkpoints; one is also written after every epoch. */
  checkpointMinutes: z.number().positive().default(5),
  /** Threads inside one operator. */
  threads: z.int().min(1).max(64).default(1),
});

/** Learning to denoise. */
const denoiseSettings = commonSettings.extend({
  clipNorm: z.number().positive().default(3),
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('cosine'),
  lr: z.number().positive().max(1).default(1.5e-3),
  averageDecay: z.number().min(0).lt(1).default(0.999),
  batch: z.int().min(1).max(4096).default(4),
  /** Length of an example. */
  seconds: z.number().min(0.1).max(60).default(2),
  /** Mixed lengths: shorter ones, in seconds, that are trained on as often as `seconds`. */
  lengths: z.array(z.number().min(0.1).max(60)).max(8).default([]),
  /** Batches whose gradients are averaged for one step: a larger batch in the memory of a small one. */
  accumulate: z.int().min(1).max(1024).default(1),
  stepsPerEpoch: z.int().min(1).default(250),
  /** `spectral`: compressed spectra plus a little SDR; `spectral-si-sdr`: plus a little SI-SDR; `intelligible`: `spectral` and the
   * correlation of envelopes that ESTOI measures; `voice`: spectra at one level, where missing speech counts twice; the others alone. */
  loss: z
    .enum(['spectral', 'spectral-si-sdr', 'intelligible', 'voice', 'si-sdr', 'l1', 'mse'])
    .default('spectral'),
  /** Share of the recordings, by speaker and source, that is validated on. */
  heldOut: z.number().min(0).max(0.5).default(0.08),
  /** Which share of that size, from 0: with `heldOut` 1/k, the folds of a k-fold cross-validation. */
  fold: z.int().min(0).max(100).default(0),
  validationBatches: z.int().min(1).default(16),
  /** Threads that mix examples ahead. */
  workers: z.int().min(0).max(64).default(1),
});
export type DenoiseSettings = z.output<typeof denoiseSettings>;

/** The frequency-extraction task of the guides, with their default configuration. */
const frequencySettings = commonSettings.extend({
  optimizer: z.enum(['adam', 'adamw']).default('adam'),
  weightDecay: z.number().min(0).max(1).default(0),
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('plateau'),
  lr: z.number().positive().max(1).default(5e-4),
  hidden: z.int().min(1).max(1024).default(64),
  layers: z.int().min(1).max(8).default(1),
  dropout: z.number().min(0).lt(1).default(0),
  /** Samples of a chunk; state is carried, and detached, from chunk to chunk. */
  length: z.int().min(1).max(10_000).default(50),
  /** Wanted frequencies side by side, 0 all; 1 takes one after the other: forgets the first while it learns the last. */
  batch: z.int().min(0).max(64).default(0),
  /** Noise of its own for every epoch, rather than the same again. */
  freshNoise: z.boolean().default(false),
  /** Samples that the longest memory lasts before training (half a period of 1 Hz); 0 starts the LSTM like PyTorch. */
  memory: z
    .int()
    .refine((samples) => samples === 0 || samples >= 3, 'must be 0 or at least 3')
    .default(500),
});
export type FrequencySettings = z.output<typeof frequencySettings>;

/** The guides' alternatives, by name. */
const FREQUENCY_PRESETS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  default: {},
  serial: { length: 1, epochs: 30, lr: 1e-3 },
  long: { length: 100, epochs: 30, lr: 3e-4 },
  large: { hidden: 128, epochs: 40, lr: 3e-4 },
  /** Not of the guides: what reaches their best tier. */
  excellent: { epochs: 180, lr: 3e-3, schedule: 'cosine', freshNoise: true },
};

/** What `denoise train` is asked for, beside the settings. */
export interface TrainRequest {
  task: 'denoise' | 'frequency';
  /** Family, or a checkpoint to start from. */
  model?: string;
  clean?: string;
  noise?: string;
  noisy?: string;
  /** Measured responses of rooms, which `remix.measuredRooms` plays speech in. */
  rooms?: string;
  /** Files of `clean` and `noise` that are left out: paths that end so. */
  exclude?: readonly string[];
  device?: string;
  preset?: string;
  /** `key=value` overrides. */
  set?: Readonly<Record<string, unknown>>;
}

interface SettingScope {
  /** Prefix on the command line, with its dot; '' for the run's own settings. */
  prefix: string;
  schema: z.ZodType;
  names: readonly string[];
}

/** A whole, validated configuration as it stands in a run's `config.json`. */
export interface TrainConfig extends TrainRequest {
  family: string;
  settings: DenoiseSettings | FrequencySettings;
  modelSettings: unknown;
  remix: unknown;
  signal: unknown;
}

const shapeOf = (schema: z.ZodType): string[] =>
  'shape' in schema
    ? Object.keys((schema as z.ZodObject).shape)
    : shapeOf(
        (schema as unknown as { def: { innerType?: z.ZodType; in?: z.ZodType } }).def.innerType ??
          z.object({}),
      );

/**
 * Puts every `--set` where it belongs: `lr` among the run's settings, `hidden` among the model's, `snrDb` among the
 * remixer's. A prefix (`model.`, `remix.`, `signal.`) says it where two have the same name.
 * @throws UsageError `E_SETTING` for an unknown name (did you mean …), `E_CONFIG` for a value out of range
 */
export function resolveTrainConfig(request: TrainRequest, family: string): TrainConfig {
  const frequency = request.task === 'frequency';
  const preset = presetOf(request);
  const modelSchema = familyByName(family).configSchema;
  const scopes: SettingScope[] = [
    { prefix: '', schema: frequency ? frequencySettings : denoiseSettings, names: [] },
    ...(frequency
      ? [{ prefix: 'signal.', schema: frequencySignalSchema as z.ZodType, names: [] }]
      : [
          { prefix: 'model.', schema: modelSchema as z.ZodType, names: [] },
          { prefix: 'remix.', schema: remixConfigSchema as z.ZodType, names: [] },
        ]),
  ].map((scope) => ({ ...scope, names: shapeOf(scope.schema) }));

  const chosen = scopes.map((): Record<string, unknown> => ({}));
  Object.assign(chosen[0], preset);
  for (const [key, value] of Object.entries(request.set ?? {})) {
    const at = scopes.findIndex(({ prefix, names }) =>
      prefix !== '' && key.startsWith(prefix)
        ? names.includes(key.slice(prefix.length))
        : names.includes(key),
    );
    if (at < 0) throw unknownSetting(key, scopes);
    const { prefix } = scopes[at];
    chosen[at][prefix !== '' && key.startsWith(prefix) ? key.slice(prefix.length) : key] = value;
  }
  const parsed = scopes.map(({ schema, prefix }, i) =>
    prefix === 'model.'
      ? parseConfig(familyByName(family), chosen[i])
      : parseSettings(schema, chosen[i], prefix),
  );
  return {
    ...request,
    family,
    settings: parsed[0] as DenoiseSettings | FrequencySettings,
    modelSettings: frequency ? {} : parsed[1],
    remix: frequency ? {} : parsed[2],
    signal: frequency ? parsed[1] : {},
  };
}

function presetOf({ preset = 'default', task }: TrainRequest): Readonly<Record<string, unknown>> {
  const found = FREQUENCY_PRESETS[preset];
  if (found === undefined || (task !== 'frequency' && preset !== 'default'))
    throw new UsageError('E_PRESET', `There is no preset "${preset}" for this task.`, {
      hint: `With --task frequency choose one of: ${Object.keys(FREQUENCY_PRESETS).join(', ')}.`,
    });
  return found;
}

function unknownSetting(key: string, scopes: readonly SettingScope[]): UsageError {
  const known = scopes.flatMap(({ prefix, names }) => names.map((name) => `${prefix}${name}`));
  const near = nearest(key, [...known, ...scopes.flatMap(({ names }) => names)]);
  return new UsageError('E_SETTING', `There is no setting "${key}".`, {
    hint: near === undefined ? `Known settings: ${known.join(', ')}.` : `Did you mean ${near}?`,
  });
}

function parseSettings(schema: z.ZodType, values: Record<string, unknown>, prefix: string): unknown {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${prefix}${path.join('.')}: ${message}`);
  throw new UsageError('E_CONFIG', `A setting is out of range: ${problems.join('; ')}.`);
}

/** `--set key=value` words as an object; values are JSON where they are JSON, else text. @throws UsageError `E_SETTING` */
export function parseOverrides(words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1)
        throw new UsageError('E_SETTING', `--set ${word} is not of the form key=value.`, {
          hint: 'For example --set lr=0.0001.',
        });
      const text = word.slice(at + 1);
      try {
        return [word.slice(0, at), JSON.parse(text) as unknown];
      } catch {
        return [word.slice(0, at), text];
      }
    }),
  );
}
