/** Keeps the house as docs/house.md draws it: floors, no circles, short files, no export that nothing uses. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Longest file, lines. */
const MOST_LINES = 260;

/** Rooms from the ground up; a file may import its own room and those of lower floors. Rooms of one floor do not meet. */
const FLOORS: readonly (readonly string[])[] = [
  ['ground'],
  ['files', 'threads', 'graph', 'web'],
  ['nn', 'audio'],
  ['models'],
  ['engine'],
  ['evaluation'],
  ['streams', 'training'],
  ['tuning'],
  ['online'],
  ['serve', 'monitor'],
  ['cli'],
];

/** What lies outside the floors: the public surface, what is run by hand, and the tests. */
const OUTSIDE = new Set(['index', 'scripts', 'test']);

/** Used by bin/denoise.js, which is no TypeScript. */
const ENTRY = 'src/cli/main.ts: main';

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const files = ['src', 'models', 'streams', 'scripts', 'test'].flatMap(sourcesIn);
const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const product = files.filter((file) => !OUTSIDE.has(roomOf(file)));

/** `src/graph/ops/lstm.ts` lies in the room `graph`, `models/lstm.ts` in `models`, `src/errors.ts` on the ground. */
function roomOf(file: string): string {
  const [first, second, ...rest] = file.split('/');
  if (first !== 'src') return first;
  if (rest.length > 0) return second;
  return second === 'index.ts' ? 'index' : 'ground';
}

/** Every path that a file imports or exports from, and the names that it takes from it (`*` for all). */
function importsOf(file: string): { target: string; names: string[] }[] {
  const found: { target: string; names: string[] }[] = [];
  const resolve = (path: string) => join(dirname(file), path).replace(/\.js$/, '.ts');
  for (const [, clause, path] of texts.get(file)!.matchAll(/^(?:im|ex)port\s([^;']*?)from '(\.[^']+)'/gms)) {
    const names = clause.includes('*')
      ? ['*']
      : [...clause.replace(/\btype\b/g, '').matchAll(/(\w+)(?:\s+as\s+\w+)?/g)].map(([, name]) => name);
    found.push({ target: resolve(path), names });
  }
  for (const [, path] of texts.get(file)!.matchAll(/(?:^import |import\()'(\.[^']+)'/gm))
    found.push({ target: resolve(path), names: ['*'] });
  return found;
}

/** What a file exports, less the types that its own exports are declared with: callers need those by name. */
function exportsOf(file: string): string[] {
  const text = texts.get(file)!;
  const declared = text.matchAll(
    /^export (?:abstract |async )?(class|const|function\*?|interface|type|enum) (\w+)/gm,
  );
  return [...declared]
    .filter(
      ([, kind, name]) =>
        !/interface|type/.test(kind) || text.match(new RegExp(`\\b${name}\\b`, 'g'))!.length < 2,
    )
    .map(([, , name]) => name);
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

describe('the house', () => {
  it('has a floor for every room', () => {
    const known = FLOORS.flat();
    expect([...new Set(product.map(roomOf))].filter((room) => !known.includes(room))).toEqual([]);
  });

  it('is imported downwards only', () => {
    const floorOf = (file: string) => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));
    const upwards = product.flatMap((file) =>
      imports
        .get(file)!
        .filter(({ target }) => roomOf(target) !== roomOf(file) && floorOf(target) >= floorOf(file))
        .map(({ target }) => `${file} → ${target}`),
    );
    expect(upwards).toEqual([]);
  });

  it('has no circle of imports', () => {
    const done = new Set<string>();
    const path: string[] = [];
    const circles: string[] = [];
    const visit = (file: string): void => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(' → '));
      if (at >= 0 || done.has(file)) return;
      path.push(file);
      for (const { target } of imports.get(file) ?? []) visit(target);
      path.pop();
      done.add(file);
    };
    files.forEach(visit);
    expect(circles).toEqual([]);
  });

  it(`has no file of more than ${MOST_LINES} lines`, () => {
    const long = files
      .map((file) => ({ file, lines: texts.get(file)!.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MOST_LINES);
    expect(long).toEqual([]);
  });

  it('exports nothing that no other file uses', () => {
    const used = new Set<string>();
    for (const list of imports.values())
      for (const { target, names } of list) for (const name of names) used.add(`${target} ${name}`);
    const unused = product.flatMap((file) =>
      exportsOf(file)
        .filter((name) => !used.has(`${file} ${name}`) && !used.has(`${file} *`))
        .map((name) => `${file}: ${name}`),
    );
    expect(unused.filter((one) => one !== ENTRY)).toEqual([]);
  });
});
