import type { Distribution, ParameterValue, Params } from '../distribution.js';
import type { Direction } from '../study-view.js';
import type { Report, TrialState } from '../trial.js';
import { fromJsonNumber, type JsonNumber, toJsonNumber } from './records.js';
import { type OpenTrial, StudyState } from './study-state.js';

/** Of the format. A snapshot with another one is left aside, and the journal is read from its beginning. */
const SNAPSHOT_VERSION = 2;

const STATES: readonly TrialState[] = ['waiting', 'running', 'paused', 'complete', 'pruned', 'failed'];

/** What most trials do not have. */
type Rare = Partial<Pick<OpenTrial, 'attributes' | 'toEnd' | 'token' | 'error'>> & {
  constraints?: JsonNumber[];
};

/**
 * A trial without the names of its fields, which 50 000 trials would repeat: a third of the bytes, and as much less to
 * parse. What a trial does not have is null.
 */
type TrialRow = [
  state: number,
  /** Index of its distributions; the parameters follow in their order. */
  space: number,
  params: ParameterValue[],
  seed: number,
  /** Of its reports; null where they are 1, 2, 3, … */
  steps: number[] | null,
  reported: JsonNumber[],
  values: JsonNumber[] | null,
  claims: number,
  losses: number,
  /** Index of its last owner. */
  owner: number | null,
  created: number,
  started: number | null,
  ended: number | null,
  rare: Rare | null,
];

interface StoredState {
  version: number;
  name: string;
  directions: Direction[];
  metrics: string[];
  seed: number;
  outline: Record<string, Distribution[]>;
  attributes: Record<string, unknown>;
  spaces: [key: string, distributions: Readonly<Record<string, Distribution>>][];
  owners: string[];
  trials: TrialRow[];
}

/** A state as text that {@link restoreState} understands. */
export function storeState(state: StudyState): string {
  const { name, directions, metrics, seed, outline, attributes } = state;
  const spaces = [...state.spaces];
  const spaceOf = new Map(spaces.map(([key], i) => [key, i]));
  const owners = new Map<string, number>();
  const ownerOf = (owner: string | undefined): number | null => {
    if (owner === undefined) return null;
    if (!owners.has(owner)) owners.set(owner, owners.size);
    return owners.get(owner)!;
  };
  const trials = state.trials.map((trial): TrialRow => {
    const { reports, values, started = null, ended = null } = trial;
    return [
      STATES.indexOf(trial.state),
      spaceOf.get(trial.space)!,
      Object.keys(trial.distributions).map((key) => trial.params[key]),
      trial.seed,
      reports.every(({ step }, i) => step === i + 1) ? null : reports.map(({ step }) => step),
      reports.map(({ value }) => toJsonNumber(value)),
      values === undefined ? null : values.map(toJsonNumber),
      trial.claims,
      trial.losses,
      ownerOf(trial.owner),
      trial.created,
      started,
      ended,
      rareOf(trial),
    ];
  });
  const stored: StoredState = {
    version: SNAPSHOT_VERSION,
    name,
    directions: [...directions],
    metrics: [...metrics],
    seed,
    outline,
    attributes,
    spaces,
    owners: [...owners.keys()],
    trials,
  };
  return JSON.stringify(stored);
}

function rareOf({ state, attributes, toEnd, token, error, constraints }: OpenTrial): Rare | null {
  const rare: Rare = {
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(toEnd && { toEnd }),
    // The proof of a claim is asked for only while the trial runs.
    ...(state === 'running' && { token }),
    ...(error && { error }),
    ...(constraints && { constraints: constraints.map(toJsonNumber) }),
  };
  return Object.keys(rare).length === 0 ? null : rare;
}

/** The state that a snapshot holds; undefined when another version of the program wrote it. */
export function restoreState(text: string): StudyState | undefined {
  const stored = JSON.parse(text) as StoredState;
  if (stored.version !== SNAPSHOT_VERSION) return undefined;
  const state = new StudyState(stored);
  Object.assign(state.attributes, stored.attributes);
  for (const [key, distributions] of stored.spaces) state.learnSpace(key, distributions);
  const names = stored.spaces.map(([, distributions]) => Object.keys(distributions));
  for (const row of stored.trials) state.trials.push(trialOf(row, state.trials.length, stored, names));
  return state;
}

function trialOf(
  row: TrialRow,
  number: number,
  { spaces, owners }: StoredState,
  names: string[][],
): OpenTrial {
  const [
    state,
    space,
    chosen,
    seed,
    steps,
    reported,
    values,
    claims,
    losses,
    owner,
    created,
    started,
    ended,
    rare,
  ] = row;
  const params: Record<string, ParameterValue> = {};
  for (let i = 0; i < chosen.length; i++) params[names[space][i]] = chosen[i];
  const reports = new Array<Report>(reported.length);
  for (let i = 0; i < reported.length; i++)
    reports[i] = { step: steps === null ? i + 1 : steps[i], value: fromJsonNumber(reported[i]) };
  const trial: OpenTrial = {
    number,
    state: STATES[state],
    params: params as Params,
    distributions: spaces[space][1],
    space: spaces[space][0],
    seed,
    reports,
    attributes: rare?.attributes ?? {},
    toEnd: rare?.toEnd ?? false,
    claims,
    losses,
    created,
  };
  if (values !== null) trial.values = values.map(fromJsonNumber);
  if (owner !== null) trial.owner = owners[owner];
  if (started !== null) trial.started = started;
  if (ended !== null) trial.ended = ended;
  if (rare === null) return trial;
  if (rare.token !== undefined) trial.token = rare.token;
  if (rare.error !== undefined) trial.error = rare.error;
  if (rare.constraints !== undefined) trial.constraints = rare.constraints.map(fromJsonNumber);
  return trial;
}
