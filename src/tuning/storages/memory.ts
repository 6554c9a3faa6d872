import type { JournalStorage, Snapshot } from './journal-storage.js';

/** A journal that ends with the process. */
export class MemoryStorage implements JournalStorage {
  readonly where = 'memory';
  readonly #records: string[] = [];
  #snapshot: Snapshot | undefined;

  async appendLogs(records: readonly string[]): Promise<void> {
    this.#records.push(...records);
  }

  async readLogs(position: number): Promise<{ records: string[]; position: number }> {
    return { records: this.#records.slice(position), position: this.#records.length };
  }

  async loadSnapshot(): Promise<Snapshot | undefined> {
    return this.#snapshot;
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.#snapshot = snapshot;
  }

  async close(): Promise<void> {}
}
