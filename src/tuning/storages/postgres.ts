import pg from 'pg';
import type { JournalStorage, Snapshot } from './journal-storage.js';
import type { ServerOptions } from './redis.js';
import { isPostgresOutage, showUrl, withRetries } from './retry.js';

const CONNECT_MS = 5000;
const QUERY_MS = 10_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS denoise_journal (
    study text NOT NULL, position bigint NOT NULL, record text NOT NULL, PRIMARY KEY (study, position));
  CREATE TABLE IF NOT EXISTS denoise_snapshot (
    study text PRIMARY KEY, position bigint NOT NULL, state text NOT NULL);
  CREATE OR REPLACE FUNCTION denoise_append(of_study text, records text[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('denoise ' || of_study, 0));
    INSERT INTO denoise_journal (study, position, record)
      SELECT of_study, (SELECT coalesce(max(position), 0) FROM denoise_journal WHERE study = of_study) + n, new.record
      FROM unnest(records) WITH ORDINALITY AS new (record, n);
  END $$;`;

/** A journal as rows in Postgres (13 or newer), for any number of machines. */
export class PostgresStorage implements JournalStorage {
  readonly where: string;
  readonly #pool: pg.Pool;
  readonly #patienceMs: number | undefined;
  #ready: Promise<unknown> | undefined;

  /** @param url such as `postgres://user:password@host/database`; two tables and a function are made in it */
  constructor(
    url: string,
    private readonly study: string,
    { patienceMs }: ServerOptions = {},
  ) {
    this.where = `${showUrl(url)} (study ${study})`;
    this.#patienceMs = patienceMs;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 2,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: QUERY_MS,
    });
    // Idle connections that break are replaced with the next query.
    this.#pool.on('error', () => {});
  }

  /**
   * One writer at a time: positions have no gaps, and what is read once never changes. A worker that is frozen between two statements would
   * keep all others waiting, so that the server has both in one.
   */
  async appendLogs(records: readonly string[]): Promise<void> {
    if (records.length > 0) await this.#query('SELECT denoise_append($1, $2)', [this.study, records]);
  }

  async readLogs(position: number): Promise<{ records: string[]; position: number }> {
    const rows = await this.#query<{ record: string }>(
      'SELECT record FROM denoise_journal WHERE study = $1 AND position > $2 ORDER BY position',
      [this.study, position],
    );
    return { records: rows.map(({ record }) => record), position: position + rows.length };
  }

  async loadSnapshot(): Promise<Snapshot | undefined> {
    const [row] = await this.#query<{ position: string; state: string }>(
      'SELECT position, state FROM denoise_snapshot WHERE study = $1',
      [this.study],
    );
    return row && { position: Number(row.position), state: row.state };
  }

  async saveSnapshot({ position, state }: Snapshot): Promise<void> {
    await this.#query(
      `INSERT INTO denoise_snapshot (study, position, state) VALUES ($1, $2, $3)
       ON CONFLICT (study) DO UPDATE SET position = excluded.position, state = excluded.state`,
      [this.study, position, state],
    );
  }

  #query<R extends pg.QueryResultRow>(statement: string, values: unknown[]): Promise<R[]> {
    return withRetries(
      this.where,
      async () => {
        this.#ready ??= this.#makeTables();
        await this.#ready;
        return (await this.#pool.query<R>(statement, values)).rows;
      },
      isPostgresOutage,
      this.#patienceMs,
    );
  }

  async #makeTables(): Promise<void> {
    try {
      // Two that begin at the same time would both find no table and both make it.
      await this.#pool.query(`BEGIN; SELECT pg_advisory_xact_lock(20140701); ${TABLES} COMMIT;`);
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
