/** The journal of the registry: its records, and the state that they add up to. */
import { z } from 'zod';
import { MODEL_USES, type ModelUse } from './use.js';

const version = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();
/** Measurements of a gate, or the note of a person: free JSON. */
const report = z.unknown().optional();

const recordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add'), time, version, origin: z.string(), report }),
  z.object({ kind: z.literal('remove'), time, version }),
  z.object({ kind: z.literal('nominate'), time, version: version.nullable(), use: z.enum(MODEL_USES) }),
  z.object({ kind: z.literal('promote'), time, version, use: z.enum(MODEL_USES), report }),
  z.object({ kind: z.literal('rollback'), time, use: z.enum(MODEL_USES), report }),
]);

/** One line of the journal. */
export type RegistryRecord = z.output<typeof recordSchema>;

/** A model that the registry keeps. */
export interface VersionEntry {
  /** SHA-256 of the file, hex. */
  version: string;
  /** When it was added, ISO 8601. */
  added: string;
  /** Where it came from: a path, `retune`. */
  origin: string;
  /** What gates have measured of it, the oldest first. */
  reports: unknown[];
}

/** Who serves a use. */
export interface UseState {
  /** `null`: the model that ships with the program. */
  champion: string | null;
  candidate: string | null;
  /** Champions that a rollback goes back to, the last one first. */
  before: (string | null)[];
}

/** What the journal adds up to. */
export interface RegistryState {
  versions: Map<string, VersionEntry>;
  uses: Record<ModelUse, UseState>;
  history: RegistryRecord[];
  /** Lines that could not be read. */
  damagedLines: number;
}

export function foldJournal(lines: readonly string[]): RegistryState {
  const emptyUse = (): UseState => ({ champion: null, candidate: null, before: [] });
  const state: RegistryState = {
    versions: new Map(),
    uses: { speech: emptyUse(), radio: emptyUse() },
    history: [],
    damagedLines: 0,
  };
  for (const line of lines) {
    const record = parseRecord(line);
    if (record === undefined) state.damagedLines++;
    else apply(state, record);
  }
  return state;
}

function parseRecord(line: string): RegistryRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function apply(state: RegistryState, record: RegistryRecord): void {
  state.history.push(record);
  const addReport = (hash: string, what: unknown) => {
    if (what !== undefined) state.versions.get(hash)?.reports.push(what);
  };
  switch (record.kind) {
    case 'add':
      if (!state.versions.has(record.version))
        state.versions.set(record.version, {
          version: record.version,
          added: record.time,
          origin: record.origin,
          reports: [],
        });
      addReport(record.version, record.report);
      break;
    case 'remove':
      state.versions.delete(record.version);
      for (const use of Object.values(state.uses))
        use.before = use.before.filter((hash) => hash !== record.version);
      break;
    case 'nominate':
      state.uses[record.use].candidate = record.version;
      break;
    case 'promote': {
      const use = state.uses[record.use];
      use.before.unshift(use.champion);
      use.champion = record.version;
      if (use.candidate === record.version) use.candidate = null;
      addReport(record.version, record.report);
      break;
    }
    case 'rollback': {
      const use = state.uses[record.use];
      if (use.champion !== null) addReport(use.champion, record.report);
      use.champion = use.before.shift() ?? null;
      break;
    }
    default:
      record satisfies never;
  }
}
