import { Redis } from 'ioredis';
import { InputError } from '../../errors.js';
import type { JournalStorage, Snapshot } from './journal-storage.js';
import { showUrl, withRetries } from './retry.js';

/** Milliseconds that one command may take; then the connection counts as lost. */
const COMMAND_MS = 10_000;

export interface ServerOptions {
  /** Milliseconds that a server that does not answer is waited for. Default 60 000. */
  patienceMs?: number;
}

/** The part of a key that all keys of a study begin with. */
function keyOf(study: string): string {
  return `denoise:study:${study}`;
}

/**
 * A journal as a list in Redis or Valkey, for any number of machines. It is as durable as the server: start that with
 * `appendonly yes`.
 */
export class RedisStorage implements JournalStorage {
  readonly where: string;
  readonly #redis: Redis;
  readonly #patienceMs: number | undefined;
  readonly #journal: string;
  readonly #snapshot: string;

  /** @param url such as `redis://:password@host:6379/0` */
  constructor(url: string, study: string, { patienceMs }: ServerOptions = {}) {
    this.where = `${showUrl(url)} (study ${study})`;
    this.#patienceMs = patienceMs;
    this.#journal = `${keyOf(study)}:journal`;
    this.#snapshot = `${keyOf(study)}:snapshot`;
    this.#redis = new Redis(url, {
      lazyConnect: true,
      // Retries are ours: a command that failed is sent again only after we know that it failed.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      commandTimeout: COMMAND_MS,
      retryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
    });
    // Every command reports its own failure.
    this.#redis.on('error', () => {});
  }

  async appendLogs(records: readonly string[]): Promise<void> {
    if (records.length > 0) await this.#do(() => this.#redis.rpush(this.#journal, ...records));
  }

  async readLogs(position: number): Promise<{ records: string[]; position: number }> {
    const [length, records] = await this.#do(() =>
      Promise.all([this.#redis.llen(this.#journal), this.#redis.lrange(this.#journal, position, -1)]),
    );
    if (length < position)
      throw new InputError(
        'E_STORAGE_LOST',
        `${this.where} holds ${length} records where it held ${position} before.`,
        {
          hint: 'The server was started again without its data. Start it with appendonly yes.',
        },
      );
    return { records, position: position + records.length };
  }

  async loadSnapshot(): Promise<Snapshot | undefined> {
    const text = await this.#do(() => this.#redis.get(this.#snapshot));
    return text === null ? undefined : (JSON.parse(text) as Snapshot);
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    await this.#do(() => this.#redis.set(this.#snapshot, JSON.stringify(snapshot)));
  }

  #do<T>(command: () => Promise<T>): Promise<T> {
    return withRetries(this.where, command, isOutage, this.#patienceMs);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}

/** What a server says of a command (out of memory, wrong type, read only) is no outage; that it is still loading is. */
function isOutage(error: unknown): boolean {
  const { name, message } = error as Error;
  return name !== 'ReplyError' || /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/.test(message);
}
