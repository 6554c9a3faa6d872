import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtomicFile, writeFileAtomically } from '../../src/files/atomic-file.js';
import { runModule } from './support/run-module.js';

let root: string;
const at = (...names: string[]): string => join(root, ...names);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'denoise-atomic-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Both ways to write one file meet the same contract. */
const WAYS: [string, (path: string, text: string) => Promise<void>][] = [
  [
    'AtomicFile',
    async (path, text) => {
      const file = await AtomicFile.create(path);
      await file.target.write(Buffer.from(text));
      await file.commit();
    },
  ],
  ['writeFileAtomically', async (path, text) => writeFileAtomically(path, text)],
];

describe.each(WAYS)('%s', (_, write) => {
  it('replaces a file as a whole, with its permissions', async () => {
    writeFileSync(at('a'), 'old');
    chmodSync(at('a'), 0o640);
    await write(at('a'), 'new');
    expect(readFileSync(at('a'), 'utf8')).toBe('new');
    expect(statSync(at('a')).mode & 0o777).toBe(0o640);
    expect(readdirSync(root)).toEqual(['a']);
  });

  it('goes through symbolic links, also those that lead nowhere yet', async () => {
    mkdirSync(at('there'));
    symlinkSync(join('there', 'a'), at('link'));
    symlinkSync('link', at('to-link'));
    for (const text of ['first', 'second']) {
      await write(at('to-link'), text);
      expect(readFileSync(at('there', 'a'), 'utf8')).toBe(text);
      expect(lstatSync(at('to-link')).isSymbolicLink()).toBe(true);
    }
    symlinkSync('circle', at('circle'));
    await expect(write(at('circle'), 'x')).rejects.toMatchObject({ code: 'E_LINK_LOOP' });
    symlinkSync(join('gone', 'a'), at('far'));
    await expect(write(at('far'), 'x')).rejects.toMatchObject({ code: 'E_NO_FOLDER' });
  });

  it('writes names of 255 bytes, and refuses longer ones', async () => {
    const name = 'ä'.repeat(126).padEnd(129, 'x');
    expect(Buffer.byteLength(name)).toBe(255);
    await write(at(name), 'long');
    await write(at(name), 'again');
    expect(readdirSync(root)).toEqual([name]);
    await expect(write(at(`${name}x`), 'x')).rejects.toMatchObject({ code: 'E_NAME_TOO_LONG' });
    expect(readdirSync(root)).toEqual([name]);
  });

  it('says what is in the way', async () => {
    writeFileSync(at('file'), '');
    await expect(write(root, 'x')).rejects.toMatchObject({ code: 'E_IS_FOLDER' });
    await expect(write(at('none', 'a'), 'x')).rejects.toMatchObject({ code: 'E_NO_FOLDER' });
    await expect(write(at('file', 'a'), 'x')).rejects.toMatchObject({
      code: 'E_NO_FOLDER',
      message: expect.stringContaining('is a file, not a folder'),
    });
  });

  it('removes what a killed process left, and nothing else', async () => {
    const left = await runModule(
      `const { AtomicFile } = await import('@/files/atomic-file.js');
       await AtomicFile.create(process.argv[1]);
       const { readdirSync } = await import('node:fs');
       console.log(readdirSync(process.argv[2]).join());
       process.kill(process.pid, 'SIGKILL');`,
      [at('a'), root],
    );
    writeFileSync(at('.a.0000-1-abcdef.tmp'), 'of another machine');
    expect(readdirSync(root)).toContain(left);
    await write(at('a'), 'x');
    expect(readdirSync(root)).toEqual(['.a.0000-1-abcdef.tmp', 'a']);
  });
});

describe('AtomicFile', () => {
  it('leaves nothing when it is aborted or the process exits', async () => {
    writeFileSync(at('a'), 'old');
    const file = await AtomicFile.create(at('a'));
    await file.target.write(Buffer.from('new'));
    await file.abort();
    await file.commit();
    expect(readFileSync(at('a'), 'utf8')).toBe('old');
    await runModule(
      `const { AtomicFile } = await import('@/files/atomic-file.js');
       await AtomicFile.create(process.argv[1]);
       process.exit();`,
      [at('a')],
    );
    expect(readdirSync(root)).toEqual(['a']);
  });

  it('refuses the input under any name', async () => {
    writeFileSync(at('a'), 'old');
    linkSync(at('a'), at('hard'));
    symlinkSync('a', at('soft'));
    for (const name of ['a', 'hard', 'soft', join('.', 'a')])
      await expect(AtomicFile.create(at(name), [at('a')])).rejects.toMatchObject({ code: 'E_SAME_FILE' });
  });

  it.skipIf(!existsSync('/dev/null'))('writes devices directly', async () => {
    const file = await AtomicFile.create('/dev/null');
    await file.target.write(Buffer.from('x'));
    await file.commit();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('writeFileAtomically', () => {
  const tooLarge = (path: string) =>
    runModule(
      `const { writeFileAtomically } = await import('@/files/atomic-file.js');
       try { writeFileAtomically(process.argv[1], Buffer.alloc(5000)); } catch (error) { console.log(error.message); }`,
      [path],
      'ulimit -f 1',
    );

  it('keeps the previous version when the new one does not fit, and speaks of it only where there is one', async () => {
    writeFileSync(at('a'), 'old');
    expect(await tooLarge(at('a'))).toMatch(
      /does not take files that large; the previous version is intact\.$/,
    );
    expect(readFileSync(at('a'), 'utf8')).toBe('old');
    expect(await tooLarge(at('b'))).toMatch(/does not take files that large\.$/);
    expect(readdirSync(root)).toEqual(['a']);
  });
});
