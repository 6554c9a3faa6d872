import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppendLog } from '../../files/append-log.js';
import { makeFolder, writeFileAtomically } from '../../files/atomic-file.js';
import type { JournalStorage, Snapshot } from './journal-storage.js';

const JOURNAL = 'journal.jsonl';
const SNAPSHOT = 'snapshot.json';

/** A journal as a file in the folder of its study, for any number of processes of one machine. */
export class FileStorage implements JournalStorage {
  readonly where: string;
  readonly #log: AppendLog;

  /** @param folder made when it is not there. @throws OutputError when it cannot be */
  constructor(readonly folder: string) {
    makeFolder(folder);
    this.where = join(folder, JOURNAL);
    this.#log = new AppendLog(this.where);
  }

  async appendLogs(records: readonly string[]): Promise<void> {
    this.#log.append(records.map((record) => `${record}\n`).join(''));
  }

  async readLogs(position: number): Promise<{ records: string[]; position: number }> {
    const { lines, end } = this.#log.read(position);
    return { records: lines, position: end };
  }

  async loadSnapshot(): Promise<Snapshot | undefined> {
    try {
      return JSON.parse(readFileSync(join(this.folder, SNAPSHOT), 'utf8')) as Snapshot;
    } catch {
      // None yet, or not whole: the journal says the same, only slower.
      return undefined;
    }
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    writeFileAtomically(join(this.folder, SNAPSHOT), JSON.stringify(snapshot));
  }

  async close(): Promise<void> {
    this.#log.close();
  }
}
