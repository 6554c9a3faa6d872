import type { CheckpointInfo } from '../../../models/checkpoint.js';
import { type ModelRole, openModel } from '../../../models/open-model.js';
import { pretrainedNames, SHIPPED_MODELS } from '../../../models/pretrained.js';
import type { RegistryRecord, RegistryState, VersionEntry } from '../../../models/registry-state.js';
import { MODEL_USES } from '../../../models/use.js';
import { toDenoiseError } from '../../errors.js';
import { type ModelSummary, summarise } from './model-summary.js';
import { table } from './table.js';

/** Digits of a version that are shown. */
const DIGITS = 12;

interface ListedModel extends Omit<ModelSummary, 'role'> {
  role: ModelRole;
  /** Such as `speech champion`; empty for nothing. */
  serves: string[];
  /** Where a version came from. */
  origin?: string;
  /** When a version was added, ISO 8601. */
  added?: string;
}

/** What `denoise models list --json` prints. */
export interface ModelList {
  models: ListedModel[];
  /** Versions whose file cannot be read, and why. */
  broken: { version: string; reason: string }[];
  uses: RegistryState['uses'];
  /** Lines of the registry's journal that could not be read. */
  damagedLines: number;
}

export async function listModels(state: RegistryState): Promise<ModelList> {
  const models: ListedModel[] = [];
  const broken: ModelList['broken'] = [];
  for (const name of pretrainedNames()) {
    const { checkpoint, role } = await openModel(name);
    models.push({ ...summarise({ info: checkpoint.info, name, role }), serves: servesOf(name, state) });
  }
  for (const { version, added, origin } of state.versions.values()) {
    try {
      const { checkpoint, name, role } = await openModel(version);
      const summary = summarise({ info: checkpoint.info, name, role });
      models.push({ ...summary, serves: servesOf(version, state), origin, added });
    } catch (error) {
      broken.push({ version, reason: toDenoiseError(error, 'Reading it').message });
    }
  }
  return { models, broken, uses: state.uses, damagedLines: state.damagedLines };
}

/** @param id name of a shipped model, or a version */
function servesOf(id: string, { uses }: RegistryState): string[] {
  return MODEL_USES.flatMap((use) => {
    const champion = uses[use].champion ?? SHIPPED_MODELS[use];
    return [
      ...(champion === id ? [`${use} champion`] : []),
      ...(uses[use].candidate === id ? [`${use} candidate`] : []),
    ];
  });
}

export function describeList({ models, broken, damagedLines }: ModelList): string[] {
  const rows = models.map((model) => [
    model.name,
    model.role === 'shipped' ? 'shipped' : model.hash.slice(0, DIGITS),
    model.serves.join(', '),
    model.family || 'made elsewhere',
    model.parameters.toLocaleString('en'),
    `${model.sampleRate / 1000} kHz`,
    `${model.latencyMs} ms`,
    model.added === undefined ? '' : `${model.added.slice(0, 10)} ${model.origin}`,
  ]);
  return [
    ...table(['model', 'version', 'serves', 'family', 'parameters', 'rate', 'latency', 'added'], rows),
    ...broken.map(({ version, reason }) => `${version.slice(0, DIGITS)}: ${reason}`),
    ...(damagedLines === 0 ? [] : [`${damagedLines} lines of the registry's journal could not be read.`]),
  ];
}

/** What `denoise models show --json` prints. */
export interface ShownModel
  extends ListedModel,
    Pick<CheckpointInfo, 'hop' | 'config' | 'states' | 'training'> {
  dataHash?: string;
  parent?: string;
  /** What gates measured of it. */
  reports: unknown[];
  /** What happened to it. */
  history: RegistryRecord[];
}

export async function showModel(
  asked: string,
  state: RegistryState,
  signal: AbortSignal,
): Promise<ShownModel> {
  const { checkpoint, name, role } = await openModel(asked, { signal });
  const { info } = checkpoint;
  const { config, states, training, dataHash, parent, hop } = info;
  const entry: VersionEntry | undefined = state.versions.get(info.hash);
  return {
    ...summarise({ info, name, role }),
    serves: servesOf(role === 'shipped' ? name : info.hash, state),
    ...(entry !== undefined && { origin: entry.origin, added: entry.added }),
    ...{ hop, config, states, training },
    ...(dataHash !== undefined && { dataHash }),
    ...(parent !== undefined && { parent }),
    reports: entry?.reports ?? [],
    history: state.history.filter((record) => 'version' in record && record.version === info.hash),
  };
}

export function describeModel(model: ShownModel): string[] {
  const memory = model.states.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const json = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));
  const rows: [string, string | undefined][] = [
    ['model', model.name],
    ['version', model.hash],
    ['serves', model.serves.join(', ') || undefined],
    ['added', model.added === undefined ? undefined : `${model.added}, from ${model.origin}`],
    ['family', model.family || 'made elsewhere'],
    ['parameters', model.parameters.toLocaleString('en')],
    ['rate', `${model.sampleRate} Hz`],
    ['hop', `${model.hop} samples`],
    ['latency', `${model.latencySamples} samples, ${model.latencyMs} ms`],
    ['memory', `${memory.toLocaleString('en')} numbers in ${model.states.length} states`],
    ['trained on', model.dataHash],
    ['tuned from', model.parent],
    ...flatten('config', model.config),
    ...flatten('training', model.training),
    ...model.reports.map((report): [string, string | undefined] => ['gate', json(report)]),
    ...model.history.map(({ kind, time, ...rest }): [string, string] => [
      time,
      'use' in rest ? `${kind} ${rest.use}` : kind,
    ]),
  ];
  const shown = rows.filter((row): row is [string, string] => row[1] !== undefined);
  const width = Math.max(...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}

/** The settings of an object as rows: `config.hidden  128`. */
function flatten(label: string, value: unknown): [string, string | undefined][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[label, value === undefined ? undefined : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(`${label}.${key}`, inner));
}
