import { randomUUID } from 'node:crypto';
import { InputError } from '../../errors.js';
import type { JournalPosition, JournalStorage } from '../storages/journal-storage.js';
import { type JournalRecord, type NewRecord, parseJournalRecord, type StudyRecord } from './records.js';
import { restoreState, storeState } from './snapshot.js';
import { StudyState } from './study-state.js';

/** Records between two snapshots, at least: reading as many takes some 50 ms. */
const SNAPSHOT_INTERVAL = 20_000;

/**
 * The state of a study and its journal: writes records, and reads what all have written until it knows what became of its own.
 * Calls may overlap; they are carried out one after the other.
 */
export class Journal {
  #state: StudyState | undefined;
  #position: JournalPosition = 0;
  #sinceSnapshot = 0;
  #nextId = 0;
  #last: Promise<unknown> = Promise.resolve();
  readonly #writer = randomUUID().slice(0, 13);
  /** Own records on their way: whether they had an effect. */
  readonly #own = new Map<string, boolean | undefined>();

  /** @param now milliseconds since 1970 */
  constructor(
    readonly storage: JournalStorage,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws InputError `E_NO_STUDY` when nobody has begun one there */
  get state(): StudyState {
    if (this.#state === undefined)
      throw new InputError('E_NO_STUDY', `There is no study in ${this.storage.where}.`, {
        hint: 'See the names of studies with denoise analyze --list.',
      });
    return this.#state;
  }

  /** Whether anybody has begun the study, as far as it was read. */
  get begun(): boolean {
    return this.#state !== undefined;
  }

  /** Reads the last snapshot, and what was written since. */
  open(): Promise<void> {
    return this.#inTurn(async () => {
      const snapshot = await this.storage.loadSnapshot?.();
      this.#state = snapshot && restoreState(snapshot.state);
      if (this.#state !== undefined) this.#position = snapshot!.position;
      await this.#read();
    });
  }

  /** Reads what was written meanwhile. */
  sync(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  /**
   * Writes records next to each other.
   * @returns whether the last of them had an effect
   */
  write(...records: NewRecord[]): Promise<boolean> {
    return this.#inTurn(() => this.#write(records));
  }

  /** Reads, then writes what `decide` makes of the state: no other call on this journal comes between. */
  writeFrom(decide: (state: StudyState) => NewRecord[]): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#read();
      const records = decide(this.state);
      return records.length > 0 && this.#write(records);
    });
  }

  async #write(records: readonly NewRecord[]): Promise<boolean> {
    const time = this.now();
    const own = records.map((record) => ({ ...record, id: this.#newId(), time }));
    const last = own[own.length - 1].id;
    await this.storage.appendLogs(own.map((record) => JSON.stringify(record)));
    for (const { id } of own) this.#own.set(id, undefined);
    await this.#read();
    const effect = this.#own.get(last) ?? false;
    for (const { id } of own) this.#own.delete(id);
    return effect;
  }

  async #read(): Promise<void> {
    const { records, position } = await this.storage.readLogs(this.#position);
    for (const line of records) this.#apply(parseJournalRecord(line, this.storage.where));
    this.#position = position;
    this.#sinceSnapshot += records.length;
    if (this.#sinceSnapshot < SNAPSHOT_INTERVAL || this.#state === undefined) return;
    this.#sinceSnapshot = 0;
    await this.storage.saveSnapshot?.({ position, state: storeState(this.#state) });
  }

  #apply(record: JournalRecord): void {
    const begins = this.#state === undefined && record.op === 'study';
    if (begins) this.#state = new StudyState(record as StudyRecord);
    const effect = begins || this.state.apply(record);
    // A server whose answer was lost may hold a record twice: the first of them had the effect.
    if (this.#own.has(record.id)) this.#own.set(record.id, effect || this.#own.get(record.id) === true);
  }

  #newId(): string {
    return `${this.#writer}.${(this.#nextId++).toString(36)}`;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.storage.close();
  }
}
