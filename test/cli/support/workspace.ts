import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { standInModel } from './stand-in-model.js';

/** What a test of the command line works with. */
export interface Workspace {
  /** Path of the stand-in model. */
  readonly model: string;
  /** An empty folder for each test, removed after it. */
  readonly folder: string;
  /** A path in {@link folder}. */
  at(...names: string[]): string;
}

/** Sets up a workspace for the tests of the file or `describe` that calls it; read it within tests only. */
export function useWorkspace(): Workspace {
  const workspace = {
    model: '',
    folder: '',
    at: (...names: string[]) => join(workspace.folder, ...names),
  };
  let shared: string;
  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), 'denoise-model-'));
    workspace.model = await standInModel(shared);
  });
  afterAll(async () => {
    await rm(shared, { recursive: true, force: true });
  });
  beforeEach(async () => {
    workspace.folder = await mkdtemp(join(tmpdir(), 'denoise-test-'));
  });
  afterEach(async () => {
    await rm(workspace.folder, { recursive: true, force: true });
  });
  return workspace;
}
