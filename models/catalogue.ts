import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ModelError, toDenoiseError } from '../src/errors.js';
import { packageRoot } from '../src/package-root.js';

/** The checkpoints that ship with the program. */
const PRETRAINED_FOLDER = join(packageRoot, 'models', 'pretrained');

/** Name of the model that is used when none is asked for. */
export const DEFAULT_MODEL = 'base';

/** Name of the model for voice that comes over the radio. */
export const RADIO_MODEL = 'radio';

/** Names of the shipped checkpoints, sorted. */
export function pretrainedNames(): string[] {
  if (!existsSync(PRETRAINED_FOLDER)) return [];
  return readdirSync(PRETRAINED_FOLDER)
    .filter((file) => file.endsWith('.onnx'))
    .map((file) => basename(file, '.onnx'))
    .sort();
}

/** Path of a checkpoint, from the name of a shipped one or a path. @throws ModelError `E_NO_MODEL` */
function checkpointPath(nameOrPath: string): string {
  if (/^[\w.-]+$/.test(nameOrPath)) {
    const shipped = join(PRETRAINED_FOLDER, `${nameOrPath}.onnx`);
    if (existsSync(shipped)) return shipped;
  }
  if (existsSync(nameOrPath)) return nameOrPath;
  throw new ModelError('E_NO_MODEL', `There is no model "${nameOrPath}".`, {
    hint: `Name a file, or one of: ${pretrainedNames().join(', ')}.`,
  });
}

/** Bytes of a checkpoint by name or path. @throws ModelError `E_NO_MODEL`, InputError when it cannot be read */
export async function readCheckpoint(nameOrPath: string): Promise<Uint8Array> {
  const path = checkpointPath(nameOrPath);
  try {
    return await readFile(path);
  } catch (error) {
    throw toDenoiseError(error, `Reading the model ${path}`);
  }
}
