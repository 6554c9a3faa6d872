import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.js';
import { hashText, Random } from '../random.js';
import { draw, type Params } from './distribution.js';
import { Journal } from './journal/journal.js';
import { JOURNAL_VERSION, type NewRecord } from './journal/records.js';
import { spaceKey } from './journal/study-state.js';
import { OwnedTrial } from './owned-trial.js';
import { pruners } from './pruners/index.js';
import type { Pruner } from './pruners/pruner.js';
import { lossUpTo } from './pruners/rungs.js';
import type { Sampler } from './samplers/sampler.js';
import { randomOfTrial, tpeSampler } from './samplers/tpe.js';
import { complete, outlineOf, type Space, type Suggestion } from './space.js';
import type { JournalStorage } from './storages/journal-storage.js';
import { bestTrial, type Direction, paretoFront, type StudyView } from './study-view.js';
import { lastReport, type TrialRecord } from './trial.js';

export interface StudyOptions {
  /** Default `study`. */
  name?: string;
  space: Space;
  /** One per objective. Default: one that is minimised. */
  directions?: readonly Direction[];
  /** Names of the objectives. Default `value`, or `value 1`, `value 2`, … */
  metrics?: readonly string[];
  /** Default: TPE. */
  sampler?: Sampler;
  /** Default: none. */
  pruner?: Pruner;
  /** Default 1; of a study that goes on, the one it began with. */
  seed?: number;
  /** Milliseconds since 1970; for tests. */
  now?(): number;
}

/** Owners that may be lost, one after the other, before a trial counts as one that kills them. */
const MOST_LOSSES = 5;

/** Attempts to make the next trial before somebody else does. */
const MOST_RACES = 1000;

/**
 * A search for the best configuration: trials, kept in a journal that any number of processes share.
 *
 * May be used from overlapping calls. A trial belongs to the one who claimed it, until it ends, is paused or released, or somebody
 * takes it over since the owner is lost.
 */
export class Study {
  readonly #journal: Journal;
  readonly #space: Space;
  readonly #sampler: Sampler;
  readonly #pruner: Pruner;
  readonly #owner = `${hostname()}/${process.pid}`;

  private constructor(
    journal: Journal,
    { space, sampler = tpeSampler(), pruner = pruners.get('none')({}) }: StudyOptions,
  ) {
    this.#journal = journal;
    this.#space = space;
    this.#sampler = sampler;
    this.#pruner = pruner;
  }

  /**
   * Begins the study that is kept in `storage`, or goes on with it.
   * @throws UsageError `E_STUDY_DIFFERS` when it has another space or other objectives, `E_SPACE`
   */
  static async open(storage: JournalStorage, options: StudyOptions): Promise<Study> {
    const { name = 'study', space, directions = ['minimise'], seed = 1, now } = options;
    const { metrics = directions.map((_, i) => (directions.length === 1 ? 'value' : `value ${i + 1}`)) } =
      options;
    const outline = outlineOf(space);
    const journal = new Journal(storage, now);
    await journal.open();
    const study: NewRecord = {
      op: 'study',
      version: JOURNAL_VERSION,
      name,
      directions: [...directions],
      metrics: [...metrics],
      seed,
      outline,
    };
    if (!journal.begun) await journal.write(study);
    const kept = journal.state;
    const differs = (what: string) =>
      new UsageError('E_STUDY_DIFFERS', `The study "${kept.name}" in ${storage.where} has ${what}.`, {
        hint: 'Give the new study another name with --study.',
      });
    if (!isDeepStrictEqual(kept.outline, JSON.parse(JSON.stringify(outline)))) throw differs('another space');
    if (!isDeepStrictEqual(kept.directions, directions)) throw differs('other objectives');
    return new Study(journal, options);
  }

  /** The study as it was last read. */
  get view(): StudyView {
    return this.#journal.state;
  }

  get trials(): readonly TrialRecord[] {
    return this.view.trials;
  }

  /** The complete trial with the best first objective. */
  get best(): TrialRecord | undefined {
    return bestTrial(this.view);
  }

  /** With several objectives: complete trials that no other one dominates. */
  get front(): TrialRecord[] {
    return paretoFront(this.view);
  }

  /** Reads what others have written. */
  sync(): Promise<void> {
    return this.#journal.sync();
  }

  /**
   * A trial to run: one that waits, one that is promoted, or a new one, in this order.
   * @returns `undefined` when the sampler has nothing left to try
   */
  async ask(): Promise<OwnedTrial | undefined> {
    await this.sync();
    for (;;) {
      const waiting = this.trials.find(({ state }) => state === 'waiting')?.number ?? (await this.next());
      if (waiting === undefined) return undefined;
      const owned = await this.claim(waiting);
      if (owned !== undefined) return owned;
    }
  }

  /**
   * Makes a trial wait to be run: a paused one that is promoted, else a new one.
   * @param limit of trials: when there are as many, no new one is made. Default: none
   */
  async next(limit = Number.POSITIVE_INFINITY): Promise<number | undefined> {
    await this.sync();
    for (let race = 0; race < MOST_RACES; race++) {
      const promoted = this.#pruner.promote?.(this.view);
      if (promoted !== undefined) {
        if (await this.#journal.write({ op: 'promote', trial: promoted })) return promoted;
        continue;
      }
      const { seed } = this.view;
      const suggest = (number: number) =>
        number < limit
          ? this.#sampler.suggest(this.#space, this.view, randomOfTrial(seed, number))
          : undefined;
      const made = await this.#create(suggest);
      if (made !== 'race') return made;
    }
    throw new UsageError('E_CONTENTION', 'Too many workers make trials of this study at the same time.', {
      hint: 'Start fewer workers.',
    });
  }

  /**
   * Adds a configuration to be run before the sampler's own; what it leaves out is drawn at random.
   * @throws UsageError `E_PARAMS` when it lies outside the space
   */
  async enqueue(given: Params, attributes?: Record<string, unknown>): Promise<number> {
    for (;;) {
      const { seed } = this.view;
      const made = await this.#create((number) => {
        const random = randomOfTrial(seed, number);
        return complete(this.#space, given, (_, distribution) => draw(distribution, random));
      }, attributes);
      if (typeof made === 'number') return made;
    }
  }

  async #create(suggest: (number: number) => Suggestion | undefined, attributes?: Record<string, unknown>) {
    let number = -1;
    const made = await this.#journal.writeFrom((state) => {
      const suggestion = suggest(state.trials.length);
      if (suggestion === undefined) return [];
      const { params, distributions } = suggestion;
      number = state.trials.length;
      const key = spaceKey(distributions);
      const seed = new Random(state.seed, hashText('trial'), number).uint32();
      return [
        ...(state.knowsSpace(key) ? [] : [{ op: 'space' as const, key, distributions }]),
        { op: 'create', number, seed, params, space: key, ...(attributes && { attributes }) },
      ];
    });
    if (number < 0) return undefined;
    return made ? number : 'race';
  }

  /**
   * Makes a waiting trial one's own, or a running one whose owner is known to be lost.
   * @param takeOver whether a running one may be taken. Default false
   * @returns `undefined` when somebody else was faster
   */
  async claim(number: number, takeOver = false): Promise<OwnedTrial | undefined> {
    await this.sync();
    const record = this.trials[number];
    const from = takeOver && record?.state === 'running' ? record.token : undefined;
    const token = randomUUID();
    const claim = { op: 'claim' as const, trial: number, token, owner: this.#owner };
    if (!(await this.#journal.write(from === undefined ? claim : { ...claim, from }))) return undefined;
    const owned = new OwnedTrial(this.#journal, this.#pruner, number, token);
    if (owned.record.losses < MOST_LOSSES) return owned;
    const message = `Trial ${number} was lost ${MOST_LOSSES} times: it may need more memory than there is.`;
    await owned.fail({ code: 'E_TRIAL_LOST', message });
    return undefined;
  }

  /**
   * Makes the best paused trials wait to run to their end. They are compared with each other, and with those that were chosen so
   * before, at the step where they stand: a trial that ended by itself has no more to give.
   * @param count of the best. Default 1
   * @returns their numbers
   */
  async finishBest(count = 1): Promise<number[]> {
    await this.sync();
    const promoted: number[] = [];
    for (const trial of this.trials) {
      if (trial.state !== 'paused' || !this.#isAmongBest(trial, count)) continue;
      if (await this.#journal.write({ op: 'promote', trial: trial.number, toEnd: true }))
        promoted.push(trial.number);
    }
    return promoted;
  }

  #isAmongBest(trial: TrialRecord, count: number): boolean {
    const step = lastReport(trial)?.step ?? 0;
    const loss = lossUpTo(this.view, trial, step);
    const better = this.trials.filter((other) => {
      if (other === trial || (other.state !== 'paused' && !other.toEnd)) return false;
      if ((lastReport(other)?.step ?? 0) < step) return false;
      const theirs = lossUpTo(this.view, other, step);
      return theirs < loss || (theirs === loss && (other.toEnd || other.number < trial.number));
    });
    return better.length < count;
  }

  /** Writes something to the study, or to a trial: a note, say. @param value JSON */
  async setAttribute(key: string, value: unknown, trial?: number): Promise<void> {
    await this.#journal.write({ op: 'attribute', key, value, ...(trial === undefined ? {} : { trial }) });
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}
