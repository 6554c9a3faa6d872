import { UsageError } from '../../errors.js';
import { TASK_NAMES, taskByName } from '../../training/tasks/tasks.js';
import type { Distribution, ParameterValue } from '../distribution.js';
import { Registry } from '../registry.js';
import { type Space, spaceOf } from '../space.js';
import { spaceFromSchema } from './from-schema.js';
import { fullSpace, quickSpace } from './guide.js';

/** The guide's ranges without its steps, for samplers that can use them. */
const guideSpace: Space = (suggest) => {
  suggest.ordered('batch', [8, 16, 32]);
  suggest.float('lr', 5e-5, 5e-4, { log: true });
  suggest.ordered('epochs', [75, 100, 150]);
  if (suggest.categorical('optimizer', ['adam', 'adamw']) === 'adamw')
    suggest.float('weightDecay', 1e-4, 1e-1, { log: true });
  suggest.int('schedulerPatience', 8, 15);
  suggest.float('schedulerFactor', 0.3, 0.5);
  suggest.int('patience', 20, 25);
};

/** Closed-form continuous-time networks, as the guide to liquid networks has it. */
const cfcSpace: Space = (suggest) => {
  suggest.ordered('hidden', [16, 32, 64, 128]);
  suggest.ordered('layers', [1, 2, 3]);
  suggest.ordered('backboneUnits', [32, 64, 128]);
  suggest.ordered('backboneLayers', [1, 2, 3]);
  suggest.ordered('backboneDropout', [0.1, 0.2, 0.3, 0.4]);
  suggest.categorical('mode', ['default', 'pure', 'no_gate']);
  suggest.categorical('timeScaling', ['raw', 'log', 'normalised', 'bounded']);
  suggest.ordered('lr', [1e-4, 3e-4, 1e-3, 3e-3]);
};

/** Its example of a grid: 16 configurations. */
const cfcGrid: Space = (suggest) => {
  suggest.ordered('hidden', [32, 64]);
  suggest.ordered('layers', [1, 2]);
  suggest.ordered('backboneDropout', [0.1, 0.2]);
  suggest.ordered('lr', [1e-3, 3e-3]);
};

/** Its example of a random search. */
const cfcRandom: Space = (suggest) => {
  suggest.ordered('hidden', [32, 64, 128]);
  suggest.ordered('layers', [1, 2, 3]);
  suggest.float('backboneDropout', 0.1, 0.3);
  suggest.float('lr', 1e-4, 1e-2, { log: true });
};

/** Liquid time-constant networks: units take the place of the hidden size, and the solver that of a backbone. */
const ltcSpace: Space = (suggest) => {
  suggest.ordered('units', [16, 32, 64, 128]);
  suggest.ordered('unfolds', [4, 6, 8]);
  suggest.ordered('sparsity', [0, 0.25, 0.5]);
  suggest.categorical('timeScaling', ['raw', 'log', 'normalised', 'bounded']);
  suggest.ordered('lr', [1e-4, 3e-4, 1e-3, 3e-3]);
};

/** Spaces by the name that `--space` takes; add your own with `spaces.add('mine', (suggest) => …)`. */
export const spaces = new Registry<Space>('space', {
  quick: quickSpace,
  full: fullSpace,
  guide: guideSpace,
  cfc: cfcSpace,
  'cfc-grid': cfcGrid,
  'cfc-random': cfcRandom,
  ltc: ltcSpace,
  /** Sizes of the guide to liquid networks. */
  batch: (suggest) => void suggest.ordered('batch', [16, 32, 64, 128]),
  /** What each task says is worth searching. */
  ...Object.fromEntries(TASK_NAMES.map((name) => [name, spaceFromSchema(taskByName(name).settingsSchema)])),
});

/**
 * One hyperparameter as it is written on the command line: `lr=1e-5..1e-2:log`, `layers=1..4`, `dropout=0..0.5:0.1`,
 * `batch=8,16,32`, `optimizer=adam,adamw`.
 * @throws UsageError `E_SPACE`
 */
function parseHyperparameter(word: string): [name: string, distribution: Distribution] {
  const parsed = word.match(/^([\w.]+)=(.+)$/);
  if (parsed === null)
    throw new UsageError('E_SPACE', `"${word}" is no hyperparameter.`, {
      hint: 'Write name=8,16,32 or name=1e-5..1e-2:log or name=0..0.5:0.1.',
    });
  const [, name, text] = parsed;
  const range = text.match(/^([^.,:]+(?:\.\d[^.,:]*)?)\.\.([^:,]+?)(?::(.+))?$/);
  if (range !== null) {
    const [low, high] = [Number(range[1]), Number(range[2])];
    const kind =
      /^-?\d+$/.test(range[1]) && /^-?\d+$/.test(range[2]) && !(range[3] ?? '').includes('.')
        ? 'int'
        : 'float';
    const extra =
      range[3] === 'log' ? { log: true } : range[3] === undefined ? {} : { step: Number(range[3]) };
    return [name, { kind, low, high, ...extra }];
  }
  const choices = text.split(',').map(parseValue);
  const ordered = choices.every((value) => typeof value === 'number');
  return [name, { kind: 'categorical', choices, ...(ordered ? { ordered } : {}) }];
}

function parseValue(text: string): ParameterValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** A space from the command line: the name of one, or hyperparameters. @throws UsageError `E_SPACE`, `E_UNKNOWN_NAME` */
export function spaceFrom(words: readonly string[]): Space {
  if (words.length === 1 && !words[0].includes('=')) return spaces.get(words[0]);
  return spaceOf(Object.fromEntries(words.map(parseHyperparameter)));
}
