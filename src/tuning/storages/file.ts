import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppendLog } from '../../files/append-log.js';
import { makeFolder, writeFileAtomically } from '../../files/atomic-file.js';
import type { JournalStorage, Snapshot } from './journal-storage.js';

const JOURNAL = 'journal.jsonl';
const SNAPSHOT = 'snapshot';

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
    let text: string;
    try {
      text = readFileSync(join(this.folder, SNAPSHOT), 'utf8');
    } catch {
      // None yet: the journal says the same, only slower.
      return undefined;
    }
    const end = text.indexOf('\n');
    const position = Number(text.slice(0, end));
    return Number.isInteger(position) ? { position, state: text.slice(end + 1) } : undefined;
  }

  /** The position on a line of its own, then the state as it is: quoted within JSON it would take twice as long to read. */
  async saveSnapshot({ position, state }: Snapshot): Promise<void> {
    writeFileAtomically(join(this.folder, SNAPSHOT), `${position}\n${state}`);
  }

  async close(): Promise<void> {
    this.#log.close();
  }
}
