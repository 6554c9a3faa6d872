import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import type { ModelUse } from './use.js';

/** The checkpoints that ship with the program. */
const PRETRAINED_FOLDER = join(packageRoot, 'models', 'pretrained');

/** Name of the shipped model that serves each use until another one is promoted. */
export const SHIPPED_MODELS: Readonly<Record<ModelUse, string>> = { speech: 'base', radio: 'radio' };

/** Names of the shipped checkpoints, sorted. */
export function pretrainedNames(): string[] {
  if (!existsSync(PRETRAINED_FOLDER)) return [];
  return readdirSync(PRETRAINED_FOLDER)
    .filter((file) => file.endsWith('.onnx'))
    .map((file) => basename(file, '.onnx'))
    .sort();
}

/** Where a shipped checkpoint lies; `undefined` when none has this name. */
export function pretrainedPath(name: string): string | undefined {
  return pretrainedNames().includes(name) ? join(PRETRAINED_FOLDER, `${name}.onnx`) : undefined;
}
