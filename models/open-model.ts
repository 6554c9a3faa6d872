import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ModelError } from '../src/errors.js';
import { readBounded } from '../src/files/read-bounded.js';
import { Checkpoint } from './checkpoint.js';
import { familyNames } from './families.js';
import { pretrainedNames, pretrainedPath, SHIPPED_MODELS } from './pretrained.js';
import { ModelRegistry, parseAlias, short } from './registry.js';
import type { ModelUse } from './use.js';

/** Bytes of the largest file that is read as a model unless more is allowed: 64 million weights. */
const MOST_BYTES = 256e6;

/** What a run folder calls the model that it made. */
const RUN_MODEL = 'model.onnx';

export interface OpenModelOptions {
  /** Whose champion is meant where no model is named, or no use with an alias; default `speech`. */
  use?: ModelUse;
  /** Largest file in bytes that is read, default 256 MB. */
  maxBytes?: number;
  /** Ends the reading, of a pipe that gives nothing, say; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Default: that of this machine. */
  registry?: ModelRegistry;
}

/** How a model was found. */
export type ModelRole = 'shipped' | 'champion' | 'candidate' | 'version' | 'file';

/** A model that was found by what a person calls it. */
export interface OpenedModel {
  checkpoint: Checkpoint;
  /** What people know it by: its own name, that of its file or run folder, or the first digits of its version. */
  name: string;
  role: ModelRole;
}

interface Found {
  path: string;
  role: ModelRole;
  /** Name where the checkpoint has none. */
  fallback: string;
  /** SHA-256 that the file is to have. */
  version?: string;
}

/**
 * Finds and reads a model.
 *
 * @param asked `champion`, `radio/candidate`; a shipped name such as `base`; a file, a run folder, or a pipe; six or more
 *   digits of a version; or a family, for the shipped model of it. Left out: the champion of the use if one was promoted,
 *   else the shipped model of the use
 * @throws ModelError `E_NO_MODEL`, `E_CHECKPOINT_CORRUPT`, `E_CHECKPOINT_CONTRACT`
 * @throws InputError `E_TOO_LARGE`, `E_NOT_FOUND` and its like; UsageError `E_AMBIGUOUS_VERSION`
 */
export async function openModel(
  asked: string | undefined,
  options: OpenModelOptions = {},
): Promise<OpenedModel> {
  const found = find(asked, options) ?? (await findFamily(asked ?? '', options));
  const { path, role, fallback, version } = found;
  const { maxBytes = MOST_BYTES, signal } = options;
  const checkpoint = Checkpoint.parse(await readBounded(path, 'model', { maxBytes, signal }));
  if (version !== undefined && checkpoint.info.hash !== version)
    throw new ModelError('E_CHECKPOINT_CORRUPT', `The file of version ${short(version)} was changed.`, {
      hint: 'Import it again, promote another one, or go back: denoise models rollback.',
    });
  return { checkpoint, name: checkpoint.info.name || fallback, role };
}

function find(asked: string | undefined, options: OpenModelOptions): Found | undefined {
  const { use = 'speech', registry = new ModelRegistry() } = options;
  const versioned = (version: string, role: ModelRole): Found => ({
    ...{ path: registry.pathOf(version), role, version },
    fallback: short(version),
  });
  const shipped = (name: string): Found | undefined => {
    const path = pretrainedPath(name);
    return path === undefined ? undefined : { path, role: 'shipped', fallback: name };
  };
  const alias = parseAlias(asked ?? 'champion', use);
  if (alias !== undefined) {
    const version = registry.find(asked ?? 'champion', use);
    if (version !== undefined) return versioned(version, alias.alias);
    if (alias.alias === 'champion') return shipped(SHIPPED_MODELS[alias.use]);
    throw new ModelError('E_NO_MODEL', `There is no candidate for ${alias.use}.`, {
      hint: 'Name one: denoise models promote VERSION --as candidate.',
    });
  }
  const named = shipped(asked!) ?? findFile(asked!);
  if (named !== undefined) return named;
  const version = registry.find(asked!, use);
  return version === undefined ? undefined : versioned(version, 'version');
}

/** A file, a pipe, or the model of a run folder. */
function findFile(path: string): Found | undefined {
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory())
    return { path, role: 'file', fallback: basename(path).replace(/\.onnx$/i, '') };
  const model = join(path, RUN_MODEL);
  if (existsSync(model)) return { path: model, role: 'file', fallback: basename(resolve(path)) };
  throw new ModelError('E_NO_MODEL', `The folder ${path} holds no ${RUN_MODEL}.`, {
    hint: 'A training run writes it when it ends; go on with denoise train --resume.',
  });
}

/** The shipped model of a family, the one for speech first. @throws ModelError `E_NO_MODEL` for what means nothing */
async function findFamily(asked: string, options: OpenModelOptions): Promise<Found> {
  if (familyNames().includes(asked)) {
    for (const name of new Set([...Object.values(SHIPPED_MODELS), ...pretrainedNames()])) {
      const shipped = await openModel(name, options);
      if (shipped.checkpoint.info.family === asked)
        return { path: pretrainedPath(name)!, role: 'shipped', fallback: name };
    }
    throw new ModelError('E_NO_MODEL', `No model of the family ${asked} ships with the program.`, {
      hint: `Train one: denoise train --model ${asked}.`,
    });
  }
  const known = [...pretrainedNames(), 'champion', 'candidate', ...familyNames()];
  throw new ModelError('E_NO_MODEL', `There is no model "${asked}".`, {
    hint: `Name a file, a run folder, a version, or one of: ${known.join(', ')}.`,
  });
}
