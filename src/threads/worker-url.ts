import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DenoiseError } from '../errors.js';
import './no-telemetry.js';

/**
 * Where the compiled file of a worker thread lies. Compiled code finds it beside itself; sources run as they are (tests)
 * find the twin in `dist/`, since Node 20 runs no TypeScript in a thread.
 *
 * @param importer `import.meta.url` of the caller. @param specifier relative, with `.js`
 * @throws {DenoiseError} `E_NOT_BUILT` when sources run and `npm run build` has not
 */
export function workerUrl(importer: string, specifier: string): URL {
  const beside = new URL(specifier, importer);
  if (!importer.endsWith('.ts')) return beside;
  const path = fileURLToPath(beside);
  let root = dirname(path);
  while (!existsSync(join(root, 'package.json')) && dirname(root) !== root) root = dirname(root);
  const compiled = join(root, 'dist', relative(root, path));
  if (existsSync(compiled)) return pathToFileURL(compiled);
  throw new DenoiseError('E_NOT_BUILT', `The worker thread ${relative(root, path)} is not compiled.`, {
    hint: 'Run npm run build.',
  });
}
