/** Where a storage stood: everything before it has been read. 0 is the beginning; all else only the storage understands. */
export type JournalPosition = number;

/** A state and how much of the journal is in it. */
export interface Snapshot {
  position: JournalPosition;
  /** JSON that the study wrote. */
  state: string;
}

/**
 * Keeps the journal of one study: a list of lines that only grows, and that all who work on the study share.
 *
 * Contract:
 * - Any number of threads, processes and machines may append and read at any time. All see the same records in the same order.
 * - `appendLogs` writes its records next to each other. When its promise is kept, they survive the end of the process (and of the
 *   machine, where the storage can promise that), and every later `readLogs` gives them. When it is broken, none was written; only
 *   a kill may leave the first ones.
 * - `readLogs` gives whole records only, each exactly once as its `position` goes on. A record half-written by a process that was
 *   killed is never given.
 * - Snapshots are a shortcut: a storage may have none, and may lose them.
 *
 * `journalStorageChecks` in `denoise/tuning/testing` check all this.
 */
export interface JournalStorage {
  /** For messages: a path, or a URL without its password. */
  readonly where: string;
  /**
   * @param records each a line without its newline
   * @throws OutputError `E_NO_SPACE`, `E_WRITE`; DenoiseError `E_STORAGE_UNREACHABLE`
   */
  appendLogs(records: readonly string[]): Promise<void>;
  /** Everything from `position` on, and where the next call goes on. @throws DenoiseError `E_STORAGE_UNREACHABLE` */
  readLogs(position: JournalPosition): Promise<{ records: string[]; position: JournalPosition }>;
  /** The last snapshot that was saved, if it can be read. */
  loadSnapshot?(): Promise<Snapshot | undefined>;
  saveSnapshot?(snapshot: Snapshot): Promise<void>;
  close(): Promise<void>;
}
