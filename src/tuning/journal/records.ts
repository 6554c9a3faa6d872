/**
 * The journal of a study: one JSON object per line, each saying what somebody wants to have happened. What did happen follows
 * from their order alone (see `study-state.ts`): who comes second with a claim, a trial number or an end changes nothing.
 */
import { InputError } from '../../errors.js';
import type { Distribution, Params } from '../distribution.js';
import type { Direction } from '../study-view.js';
import type { TrialError } from '../trial.js';

/** Of the format. Higher ones are refused; lower ones stay readable. */
export const JOURNAL_VERSION = 1;

/** JSON has no NaN and no infinities. */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

interface Common {
  /** Unique: the writer finds its own records again by it. */
  id: string;
  /** Milliseconds since 1970. */
  time: number;
}

/** Of a trial that somebody owns: without effect unless `token` is that of the last claim. */
interface ByOwner extends Common {
  trial: number;
  token: string;
}

/** The first record of every journal. */
export interface StudyRecord extends Common {
  op: 'study';
  version: number;
  name: string;
  directions: Direction[];
  metrics: string[];
  seed: number;
  /** Of the space: a study with the same name and another one is refused. */
  outline: Record<string, Distribution[]>;
}

export type JournalRecord =
  | StudyRecord
  /** Distributions of a configuration, written once for all the trials that have them. */
  | (Common & { op: 'space'; key: string; distributions: Record<string, Distribution> })
  | (Common & {
      op: 'create';
      /** The next free number when it was written; without effect when another trial has it. */
      number: number;
      seed: number;
      params: Params;
      space: string;
      attributes?: Record<string, unknown>;
    })
  /** Makes a waiting trial a running one; with `from`, takes a running one from the owner with that token. */
  | (ByOwner & { op: 'claim'; owner: string; from?: string })
  | (ByOwner & { op: 'report'; step: number; value: JsonNumber })
  | (ByOwner & { op: 'pause' })
  /** Puts a running trial back: it waits for the next owner. */
  | (ByOwner & { op: 'release' })
  | (ByOwner & { op: 'end'; state: 'complete'; values: JsonNumber[]; constraints?: JsonNumber[] })
  | (ByOwner & { op: 'end'; state: 'pruned' | 'failed'; error?: TrialError })
  /** Makes a paused trial a waiting one; with `toEnd`, one that is not to be stopped again. */
  | (Common & { op: 'promote'; trial: number; toEnd?: boolean })
  /** Of a trial, or of the study. */
  | (Common & { op: 'attribute'; trial?: number; key: string; value: unknown });

type WithoutCommon<T> = T extends unknown ? Omit<T, keyof Common> : never;
/** A record before it gets its id and its time. */
export type NewRecord = WithoutCommon<JournalRecord>;

export function toJsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) ? value : (String(value) as JsonNumber);
}

export const fromJsonNumber = (value: JsonNumber): number => Number(value);

/**
 * One line of a journal.
 * @throws InputError `E_JOURNAL` when it is damaged, `E_JOURNAL_VERSION` when a newer version of this program wrote it
 */
export function parseJournalRecord(line: string, where: string): JournalRecord {
  let record: JournalRecord;
  try {
    record = JSON.parse(line);
  } catch (cause) {
    throw new InputError('E_JOURNAL', `${where} is damaged: a record is no JSON (${line.slice(0, 40)}…).`, {
      hint: 'Restore the journal from a copy; the snapshot beside it may be newer than the copy: delete it.',
      cause,
    });
  }
  if (record?.op === 'study' && record.version > JOURNAL_VERSION)
    throw new InputError(
      'E_JOURNAL_VERSION',
      `${where} has version ${record.version} of the format, this program reads up to ${JOURNAL_VERSION}.`,
      { hint: 'Update this program, also on the other machines that work on the study.' },
    );
  return record;
}
