import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { originOf } from '../../audio/origin.js';
import { isMarkedPng } from '../../audio/plot/png-mark.js';
import { OutputError, UsageError } from '../../errors.js';
import { fileIdentity, isRegularFile } from '../../files/file-identity.js';
import { type InputFile, PIPE } from './input-files.js';

/** Files up to this size are compared with the input, bytes. */
const MOST_COMPARED = 256e6;

/** What stands in the way of a name. */
type Obstacle = 'nothing' | 'another result' | 'somebody else';

/** The names that the outputs of one call may have: none twice, none of an input, none of what is not ours to replace. */
export class Places {
  readonly #taken = new Set<string>();

  private constructor(
    /** Paths of the inputs by their identity. */
    private readonly inputs: ReadonlyMap<string, string>,
    private readonly force: boolean,
  ) {}

  static async around(inputs: readonly InputFile[], force: boolean): Promise<Places> {
    const known = new Map<string, string>();
    for (const { path } of inputs) {
      const id = path === PIPE ? undefined : await fileIdentity(path);
      if (id !== undefined) known.set(id, path);
    }
    return new Places(known, force);
  }

  /**
   * The first name that is free, or that of an earlier result of the same recording.
   *
   * @throws OutputError `E_SAME_FILE`, `E_EXISTS`; UsageError `E_SAME_OUTPUT` when none is
   */
  claimResult(names: Iterable<string>, input: InputFile): Promise<string> {
    return this.#claim(names, async (path) => {
      const origin = await originOf(path);
      if (origin !== undefined) return origin === basename(input.path) ? 'nothing' : 'another result';
      // At strength 0 the result of a WAV file is the file itself.
      return (await haveSameBytes(path, input.path)) ? 'nothing' : 'somebody else';
    });
  }

  /** The first name that is free, or that of a picture that this program drew. @throws as {@link claimResult} does */
  claimPlot(names: Iterable<string>): Promise<string> {
    return this.#claim(names, async (path) => ((await isMarkedPng(path)) ? 'nothing' : 'somebody else'));
  }

  async #claim(names: Iterable<string>, obstacleAt: (path: string) => Promise<Obstacle>): Promise<string> {
    let last = '';
    let taken = false;
    for (const name of names) {
      last = name;
      if (name === PIPE) return name;
      const id = await fileIdentity(name);
      const input = this.inputs.get(id ?? '');
      if (input !== undefined)
        throw new OutputError('E_SAME_FILE', `The output ${name} is the input ${input} itself.`, {
          hint: 'Choose another name with -o.',
        });
      taken = this.#taken.has(resolve(name)) || (id !== undefined && this.#taken.has(id));
      if (taken) continue;
      const obstacle = id === undefined || this.force ? 'nothing' : await obstacleAt(name);
      if (obstacle === 'somebody else') throw exists(name);
      if (obstacle === 'another result') continue;
      this.#taken.add(resolve(name));
      if (id !== undefined) this.#taken.add(id);
      return name;
    }
    if (!taken) throw exists(last);
    throw new UsageError('E_SAME_OUTPUT', `Two outputs would both be written to ${last}.`, {
      hint: 'Give each a name of its own.',
    });
  }
}

function exists(path: string): OutputError {
  return new OutputError('E_EXISTS', `${path} exists already.`, {
    hint: 'Add --force to overwrite it, or choose another name.',
  });
}

async function haveSameBytes(path: string, other: string): Promise<boolean> {
  if (!(await isRegularFile(other))) return false;
  const [{ size }, { size: otherSize }] = await Promise.all([stat(path), stat(other)]);
  if (size !== otherSize || size > MOST_COMPARED) return false;
  const [one, two] = await Promise.all([readFile(path), readFile(other)]);
  return one.equals(two);
}
