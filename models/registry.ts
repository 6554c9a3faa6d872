import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError, toDenoiseError, UsageError } from '../src/errors.js';
import { AppendLog, readLog } from '../src/files/append-log.js';
import { makeFolder, writeFileAtomically } from '../src/files/atomic-file.js';
import { dataFolder } from '../src/files/data-folder.js';
import { FileLock } from '../src/files/file-lock.js';
import { Checkpoint } from './checkpoint.js';
import { foldJournal, type RegistryRecord, type RegistryState } from './registry-state.js';
import type { ModelAlias, ModelUse } from './use.js';

/** Fewest hex digits that a version may be named by. */
const LEAST_PREFIX = 6;

/** Families whose models make noise instead of taking it away. */
const NOT_DENOISERS = new Set(['seqvae']);

/** A record before it is dated. */
type Change = RegistryRecord extends infer R ? (R extends { time: string } ? Omit<R, 'time'> : never) : never;

/**
 * The models of this machine beside those that ship with the program: versions, which never change and are named by the
 * SHA-256 of their file, and who is champion and candidate of each use.
 * ```
 * models/versions/SHA-256.onnx
 * models/journal.jsonl           one line per change; the last one that is whole counts
 * ```
 * A change is one line, written under a lock after the file it speaks of is on the disk: whatever ends the process, there
 * is the old champion or the new one.
 */
export class ModelRegistry {
  readonly #folder: string;
  readonly #versions: string;
  readonly #journal: string;

  /** @param data the data folder of the program, default {@link dataFolder}; made with the first change */
  constructor(data: string = dataFolder()) {
    this.#folder = join(data, 'models');
    this.#versions = join(this.#folder, 'versions');
    this.#journal = join(this.#folder, 'journal.jsonl');
  }

  /** What the registry holds now. @throws InputError when the journal cannot be read */
  state(): RegistryState {
    return foldJournal(existsSync(this.#journal) ? readLog(this.#journal).lines : []);
  }

  /** Where the file of a version lies. */
  pathOf(version: string): string {
    return join(this.#versions, `${version}.onnx`);
  }

  /**
   * Keeps a model. One that is there already is kept once; a report is added to it.
   *
   * @param origin where it comes from, for people
   * @param report what was measured of it: free JSON
   * @returns its version. @throws OutputError
   */
  add({ bytes, info }: Checkpoint, origin: string, report?: unknown): string {
    const version = info.hash;
    this.#change((state) => {
      // What lies there under this name may have been damaged since.
      writeFileAtomically(this.pathOf(version), bytes);
      if (state.versions.has(version) && report === undefined) return undefined;
      return { kind: 'add', version, origin, ...(report !== undefined && { report }) };
    });
    return version;
  }

  /**
   * Makes a version the champion of a use. The champion before it is what {@link rollback} goes back to.
   *
   * @param report what the gate measured: free JSON
   * @throws UsageError `E_NO_VERSION`; ModelError `E_CHECKPOINT_CORRUPT`, `E_NOT_A_DENOISER` for what could not serve
   */
  promote(version: string, use: ModelUse, report?: unknown): void {
    this.#change((state) => {
      this.#demandServing(state, version);
      if (state.uses[use].champion === version) return undefined;
      return { kind: 'promote', version, use, ...(report !== undefined && { report }) };
    });
  }

  /** Makes a version the candidate of a use; `null`: nobody. @throws as {@link promote} does */
  nominate(version: string | null, use: ModelUse): void {
    this.#change((state) => {
      if (version !== null) this.#demandServing(state, version);
      if (state.uses[use].candidate === version) return undefined;
      return { kind: 'nominate', version, use };
    });
  }

  /**
   * Makes the champion before this one the champion again; before the first stands the model that ships.
   *
   * @param report why: free JSON
   * @returns the version that is champion now; `null`: the model that ships
   * @throws UsageError `E_NO_ROLLBACK` where the model that ships is champion already
   */
  rollback(use: ModelUse, report?: unknown): string | null {
    let champion: string | null = null;
    this.#change(({ uses }) => {
      if (uses[use].champion === null)
        throw new UsageError('E_NO_ROLLBACK', `The champion of ${use} is the model that ships already.`, {
          hint: 'Promote a version: denoise models promote VERSION.',
        });
      champion = uses[use].before[0] ?? null;
      return { kind: 'rollback', use, ...(report !== undefined && { report }) };
    });
    return champion;
  }

  /**
   * Forgets a version and removes its file.
   *
   * @throws UsageError `E_NO_VERSION`, `E_VERSION_IN_USE` for a champion or candidate
   */
  remove(version: string): void {
    this.#change((state) => {
      this.#demand(state, version);
      for (const [use, { champion, candidate }] of Object.entries(state.uses))
        if (version === champion || version === candidate)
          throw new UsageError(
            'E_VERSION_IN_USE',
            `${short(version)} is the ${version === champion ? 'champion' : 'candidate'} of ${use}.`,
            { hint: 'Promote another one or roll back first.' },
          );
      return { kind: 'remove', version };
    });
    this.#sweep();
  }

  /**
   * The version that a prefix of it, or a word such as `radio/champion`, means; `undefined` when it is none of these, or an
   * alias that nobody has.
   *
   * @throws UsageError `E_AMBIGUOUS_VERSION`
   */
  find(name: string, use: ModelUse = 'speech'): string | undefined {
    const alias = parseAlias(name, use);
    const state = this.state();
    if (alias !== undefined) return state.uses[alias.use][alias.alias] ?? undefined;
    const prefix = name.toLowerCase();
    if (prefix.length < LEAST_PREFIX || !/^[0-9a-f]{1,64}$/.test(prefix)) return undefined;
    const found = [...state.versions.keys()].filter((version) => version.startsWith(prefix));
    if (found.length < 2) return found[0];
    throw new UsageError('E_AMBIGUOUS_VERSION', `${name} may be ${found.map(short).join(' or ')}.`, {
      hint: 'Give more of its digits.',
    });
  }

  /** Records one change, if there is one to record, with nobody else changing the registry meanwhile. */
  #change(decide: (state: RegistryState) => Change | undefined): void {
    makeFolder(this.#versions);
    new FileLock(join(this.#folder, '.registry.lock')).run(() => {
      const change = decide(this.state());
      if (change === undefined) return;
      const log = new AppendLog(this.#journal);
      try {
        log.append(`${JSON.stringify({ ...change, time: new Date().toISOString() })}\n`);
      } finally {
        log.close();
      }
    });
  }

  /** Removes the files that no version needs any more. */
  #sweep(): void {
    this.#change((state) => {
      for (const file of readdirSync(this.#versions))
        if (/^[0-9a-f]{64}\.onnx$/.test(file) && !state.versions.has(file.slice(0, 64)))
          rmSync(join(this.#versions, file), { force: true });
      return undefined;
    });
  }

  #demand({ versions }: RegistryState, version: string): void {
    if (versions.has(version)) return;
    throw new UsageError('E_NO_VERSION', `There is no version ${short(version)}.`, {
      hint: 'See denoise models list.',
    });
  }

  /** Reads the file before anything relies on it. */
  #demandServing(state: RegistryState, version: string): void {
    this.#demand(state, version);
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(this.pathOf(version));
    } catch (error) {
      throw toDenoiseError(error, `Cannot read version ${short(version)}`);
    }
    const { hash, family } = Checkpoint.parse(bytes).info;
    if (hash !== version)
      throw new ModelError('E_CHECKPOINT_CORRUPT', `The file of version ${short(version)} was changed.`, {
        hint: 'Import it again.',
      });
    if (NOT_DENOISERS.has(family))
      throw new ModelError('E_NOT_A_DENOISER', `A model of the family ${family} makes noise.`, {
        hint: 'Choose one that takes noise away: denoise models list.',
      });
  }
}

/** The first digits of a version, as people see it. */
export const short = (version: string): string => version.slice(0, 12);

/** `champion`, `radio/candidate`; `undefined` for other words. */
export function parseAlias(name: string, use: ModelUse): { use: ModelUse; alias: ModelAlias } | undefined {
  const match = /^(?:(speech|radio)\/)?(champion|candidate)$/.exec(name);
  if (match === null) return undefined;
  return { use: (match[1] as ModelUse | undefined) ?? use, alias: match[2] as ModelAlias };
}
