import { hashText } from '../../random.js';
import type { Distribution, Params } from '../distribution.js';
import type { Direction, StudyView } from '../study-view.js';
import { isEnded, type Report, type TrialRecord } from '../trial.js';
import { fromJsonNumber, type JournalRecord, type StudyRecord } from './records.js';

type Open<T> = { -readonly [K in keyof T]: T[K] };
/** `space` is the key of the distributions. */
export type OpenTrial = Open<TrialRecord> & { reports: Report[]; space: string };

/** Key of a set of distributions, as short as a journal of 50 000 trials wants it. */
export function spaceKey(distributions: Readonly<Record<string, Distribution>>): string {
  const text = JSON.stringify(distributions);
  return hashText(text).toString(36) + hashText(text, 1).toString(36);
}

/**
 * What a journal says: the same for everyone who has read the same records. {@link apply} takes them one by one in the order of the
 * journal and decides for each whether it has an effect.
 */
export class StudyState implements StudyView {
  readonly name: string;
  readonly directions: readonly Direction[];
  readonly metrics: readonly string[];
  readonly seed: number;
  readonly outline: Record<string, Distribution[]>;
  readonly attributes: Record<string, unknown>;
  readonly trials: OpenTrial[] = [];
  readonly #spaces = new Map<string, Readonly<Record<string, Distribution>>>();

  constructor({
    name,
    directions,
    metrics,
    seed,
    outline,
  }: Pick<StudyRecord, 'name' | 'directions' | 'metrics' | 'seed' | 'outline'>) {
    this.name = name;
    this.directions = directions;
    this.metrics = metrics;
    this.seed = seed;
    this.outline = outline;
    this.attributes = {};
  }

  /** Whether these distributions can be referred to by their key. */
  knowsSpace(key: string): boolean {
    return this.#spaces.has(key);
  }

  /** @returns whether the record had an effect; of a report also when an earlier one had said the same */
  apply(record: JournalRecord): boolean {
    switch (record.op) {
      case 'study':
        return false;
      case 'space':
        if (this.knowsSpace(record.key)) return false;
        this.learnSpace(record.key, record.distributions);
        return true;
      case 'create':
        return this.#create(record);
      case 'attribute':
        return this.#attribute(record);
      case 'promote': {
        const trial = this.trials[record.trial];
        if (trial?.state !== 'paused') return false;
        trial.state = 'waiting';
        trial.toEnd ||= record.toEnd === true;
        return true;
      }
      case 'claim':
        return this.#claim(record);
      default:
        return this.#byOwner(record);
    }
  }

  /** Distributions by the key that trials refer to them with. */
  get spaces(): ReadonlyMap<string, Readonly<Record<string, Distribution>>> {
    return this.#spaces;
  }

  learnSpace(key: string, distributions: Readonly<Record<string, Distribution>>): void {
    this.#spaces.set(key, distributions);
  }

  #create({ number, seed, params, space, attributes = {}, time }: JournalRecord & { op: 'create' }): boolean {
    const distributions = this.#spaces.get(space);
    if (number !== this.trials.length || distributions === undefined) return false;
    this.trials.push({
      number,
      state: 'waiting',
      params: params as Params,
      distributions,
      space,
      seed,
      reports: [],
      attributes,
      toEnd: false,
      claims: 0,
      losses: 0,
      created: time,
    });
    return true;
  }

  #attribute({ trial, key, value }: JournalRecord & { op: 'attribute' }): boolean {
    if (trial === undefined) {
      this.attributes[key] = value;
      return true;
    }
    const found = this.trials[trial];
    if (found === undefined) return false;
    found.attributes = { ...found.attributes, [key]: value };
    return true;
  }

  #claim({ trial: number, token, owner, from, time }: JournalRecord & { op: 'claim' }): boolean {
    const trial = this.trials[number];
    if (trial === undefined) return false;
    const takenOver = trial.state === 'running' && from !== undefined && from === trial.token;
    if (trial.state !== 'waiting' && !takenOver) return false;
    if (takenOver) trial.losses++;
    trial.state = 'running';
    trial.token = token;
    trial.owner = owner;
    trial.claims++;
    trial.started ??= time;
    return true;
  }

  #byOwner(record: Extract<JournalRecord, { token: string }>): boolean {
    const trial = this.trials[record.trial];
    if (trial === undefined || isEnded(trial) || trial.state !== 'running' || trial.token !== record.token)
      return false;
    switch (record.op) {
      case 'report': {
        const last = trial.reports[trial.reports.length - 1];
        // A trial that goes on from a checkpoint says some steps again, and says the same.
        if (last === undefined || record.step > last.step)
          trial.reports.push({ step: record.step, value: fromJsonNumber(record.value) });
        return true;
      }
      case 'pause':
        trial.state = 'paused';
        return true;
      case 'release':
        trial.state = 'waiting';
        return true;
      case 'end':
        trial.state = record.state;
        trial.ended = record.time;
        if (record.state === 'complete') {
          trial.values = record.values.map(fromJsonNumber);
          if (record.constraints !== undefined) trial.constraints = record.constraints.map(fromJsonNumber);
        } else if (record.error !== undefined) trial.error = record.error;
        return true;
      default:
        return false;
    }
  }
}
