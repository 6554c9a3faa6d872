/** Every program in the documentation compiles against the public surface, as a reader would compile it: `tsc --strict`. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'denoise-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Types of packages that have none of their own. */
const AMBIENT = readdirSync(join(ROOT, 'src', 'audio'))
  .filter((name) => name.endsWith('.d.ts'))
  .map((name) => join(ROOT, 'src', 'audio', name));

interface Example {
  /** The page, and the line of it that the program begins on. */
  place: string;
  code: string;
}

function examplesIn(page: string): Example[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(?:js|ts|javascript|typescript)\n(.*?)^```/gms)].map((match) => ({
    place: `${page}:${text.slice(0, match.index).split('\n').length + 1}`,
    code: match[1],
  }));
}

const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const examples = ['README.md', ...docs.map((name) => `docs/${name}`)].flatMap(examplesIn);

/** What the compiler says about the programs, with the places they come from instead of the names of files. */
function compile(programs: readonly Example[]): Promise<string> {
  const files = programs.map(({ code }, n) => {
    writeFileSync(join(folder, `example-${n}.ts`), code);
    return `example-${n}.ts`;
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: 'ES2023',
    module: 'NodeNext',
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    paths: {
      denoise: [join(ROOT, 'src', 'index.ts')],
      'denoise/client': [join(ROOT, 'src', 'serve', 'client', 'denoise-client.ts')],
      'denoise/*': [join(ROOT, 'src', '*', 'index.ts')],
    },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: [...files, ...AMBIENT] }),
  );
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], (_error, stdout) => {
      resolve(stdout.replace(/\S*example-(\d+)\.ts/g, (_, n) => programs[Number(n)].place));
    });
  });
}

describe('the programs in the documentation', () => {
  it('are found', () => {
    expect(examples.filter(({ place }) => place.startsWith('README.md')).length).toBeGreaterThan(1);
  });

  it('compile under strict, and one that is wrong does not', async () => {
    const code = "import { LiveSession } from 'denoise';\nnew LiveSession(1);\n";
    const lines = (await compile([...examples, { place: 'wrong.md:1', code }])).trim().split('\n');
    expect(lines).toEqual([expect.stringContaining('wrong.md:1(2,')]);
  }, 120_000);
});
