import { existsSync } from 'node:fs';
import { z } from 'zod';
import { familyByName, familyNames, parseConfig } from '../../../models/families.js';
import { openModel } from '../../../models/open-model.js';
import { UsageError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import type { SettingsSection, Task } from '../tasks/task.js';
import { TASK_NAMES, type TaskName, type TrainingJob, taskByName } from '../tasks/tasks.js';

/** What is asked for, as `denoise train` takes it; {@link resolveJob} makes a job of it. */
export interface JobRequest {
  task: TaskName;
  /** Name of the model in its file. Default: none. */
  name?: string;
  /** Family, or a checkpoint to start from: a name or a path. */
  model?: string;
  clean?: string;
  noise?: string;
  noisy?: string;
  /** Noise of one place, which the model is tuned to; `noise` then keeps it from forgetting all others. */
  captured?: string;
  /** Measured responses of rooms, which `remix.measuredRooms` plays speech in. */
  rooms?: string;
  /** Files of the folders that are left out: paths that end so. */
  exclude?: readonly string[];
  /** Default `auto`. */
  device?: string;
  preset?: string;
  /** `key=value` overrides. */
  set?: Readonly<Record<string, unknown>>;
}

/** The family that is trained where none is named. */
const DEFAULT_FAMILY = 'unet1d-lstm';

/**
 * The family that `model` means: its name, or that of the checkpoint it names, whose weights are then the start.
 * @throws UsageError `E_FAMILY`
 */
export async function familyOf(model: string | undefined): Promise<string> {
  if (model === undefined) return DEFAULT_FAMILY;
  if (familyNames().includes(model)) return model;
  if (/^[\w.-]+$/.test(model) && !existsSync(model) && !/\.onnx$/.test(model)) return shippedFamily(model);
  return (await openModel(model)).checkpoint.variables().family.name;
}

async function shippedFamily(name: string): Promise<string> {
  try {
    return (await openModel(name)).checkpoint.variables().family.name;
  } catch {
    // Says which families there are, which is what a slip of the keyboard needs.
    return familyByName(name).name;
  }
}

/**
 * Makes a job of a request: puts every `--set` where it belongs (`lr` among the run's settings, `hidden` among the
 * model's, `snrDb` among the remixer's) and fills in the defaults. A prefix (`model.`, `remix.`, `signal.`) says where,
 * should two have the same name.
 * @param family of the model: see {@link familyOf}; tasks that train none ignore it
 * @throws UsageError `E_SETTING` for an unknown name (did you mean …), `E_CONFIG` for a value out of range, `E_PRESET`
 */
export function resolveJob(request: JobRequest, family: string): TrainingJob {
  const task = taskByName(request.task);
  const sections = task.sections(family);
  const chosen = new Map<string, Record<string, unknown>>(sections.map(({ key }) => [key, {}]));
  Object.assign(chosen.get(sections[0].key)!, presetOf(task, request.preset));
  for (const [key, value] of Object.entries(request.set ?? {})) {
    const at = sections.find((section) => nameIn(section, key) !== undefined);
    if (at === undefined) throw unknownSetting(key, sections);
    chosen.get(at.key)![nameIn(at, key)!] = value;
  }
  const parts = Object.fromEntries(
    sections.map(({ key, prefix, schema }) => [
      key,
      key === 'modelSettings' && request.task === 'denoise'
        ? parseConfig(familyByName(family), chosen.get(key))
        : parseSettings(schema, chosen.get(key)!, prefix),
    ]),
  );
  return parseSettings(task.jobSchema, { ...request, version: 1, family, ...parts }, '');
}

/** The name inside a section that a `--set` key means there, if it has it. */
function nameIn({ prefix, schema }: SettingsSection, key: string): string | undefined {
  const name = prefix !== '' && key.startsWith(prefix) ? key.slice(prefix.length) : key;
  return namesOf(schema).includes(name) ? name : undefined;
}

/** Keys of an object schema, also under defaults and checks. */
function namesOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  const { innerType, in: input } = schema.def as unknown as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = innerType ?? input;
  return inner === undefined ? [] : namesOf(inner);
}

function presetOf(task: Task<TrainingJob>, preset = 'default'): Readonly<Record<string, unknown>> {
  const presets = task.presets ?? { default: {} };
  if (preset in presets) return presets[preset];
  const others = TASK_NAMES.map(taskByName).filter(({ presets: have }) => have !== undefined);
  throw new UsageError('E_PRESET', `There is no preset "${preset}" for this task.`, {
    hint: others
      .map(
        ({ name, presets: have }) => `With --task ${name} choose one of: ${Object.keys(have!).join(', ')}.`,
      )
      .join(' '),
  });
}

function unknownSetting(key: string, sections: readonly SettingsSection[]): UsageError {
  const names = sections.flatMap(({ prefix, schema }) => namesOf(schema).map((name) => ({ prefix, name })));
  const known = names.map(({ prefix, name }) => `${prefix}${name}`);
  const near = nearest(key, [...known, ...names.map(({ name }) => name)]);
  return new UsageError('E_SETTING', `There is no setting "${key}".`, {
    hint: near === undefined ? `Known settings: ${known.join(', ')}.` : `Did you mean ${near}?`,
  });
}

function parseSettings<T>(schema: z.ZodType<T>, values: unknown, prefix: string): T {
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
