/**
 * Builds a corpus of speech, noise, music and rooms from public sources, resumably: a source that is done stays done.
 *
 *   node dist/scripts/corpus/index.js --out CORPUS --work FOLDER [--mirror FOLDER] [--git https://HOST/{repository}] [--only NAME]…
 *
 * Needs git, and apt, unzip and ffmpeg for the packages of Debian. `CORPUS/speech`, `noise` and `room` are trained on,
 * `CORPUS/dev` holds the same of voices and kinds held out; `manifest.csv` tells licence and source of every clip.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../../src/errors.js';
import { writeFileAtomically } from '../../src/files/atomic-file.js';
import { fetchSource } from './fetch.js';
import { manifestCsv, summarise } from './manifest.js';
import { type PreparedSource, prepareSource } from './prepare.js';
import { selectFiles } from './select.js';
import { corpusSources } from './sources.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    work: { type: 'string' },
    mirror: { type: 'string' },
    git: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const { out, work, mirror, git, only } = values;
if (out === undefined || work === undefined)
  throw new UsageError('E_USAGE', 'Say where to build the corpus: --out CORPUS --work FOLDER');

await mkdir(out, { recursive: true });
const chosen = corpusSources.filter(({ name }) => only.length === 0 || only.includes(name));
const prepared: PreparedSource[] = [];
for (const source of chosen) {
  const done = join(work, `${source.name}.json`);
  if (!existsSync(done)) {
    const folder = await fetchSource(source, join(work, source.name), { mirror, git });
    const files = await selectFiles(source, folder);
    const result = await prepareSource(source, files, folder, out);
    writeFileAtomically(done, JSON.stringify(result));
    console.log(`${source.name}: ${result.rows.length} clips of ${files.length} files`, result.rejected);
  }
  prepared.push(JSON.parse(await readFile(done, 'utf8')) as PreparedSource);
}
const rows = prepared.flatMap((part) => part.rows);
await writeFile(join(out, 'manifest.csv'), manifestCsv(rows));
console.table(summarise(rows));
