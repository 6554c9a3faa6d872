import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppendLog, readLog } from '../../src/files/append-log.js';
import { runModule, startModule } from './support/run-module.js';

let root: string;
let path: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'denoise-log-'));
  path = join(root, 'log');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Appends numbered lines until it is killed, and prints each number once it is durable. */
const WRITER = `
  const { AppendLog } = await import('@/files/append-log.js');
  const log = new AppendLog(process.argv[1]);
  for (let n = 0; n < Number(process.argv[3]); n++) {
    log.append(JSON.stringify({ writer: process.argv[2], n, padding: 'x'.repeat(n % 300) }) + '\\n');
    process.stdout.write(n + '\\n');
  }
`;

describe('AppendLog', () => {
  it('gives back what was appended, from any earlier end on', () => {
    const log = new AppendLog(path);
    const first = log.append('a\nä\n');
    const second = log.append('c\n', { durable: false });
    expect(log.append('')).toBe(second);
    expect(log.read()).toEqual({ lines: ['a', 'ä', 'c'], end: second });
    expect(log.read(first)).toEqual({ lines: ['c'], end: second });
    expect(readLog(path, second)).toEqual({ lines: [], end: second });
    log.close();
  });

  it('refuses a line without an end, and to read behind the end', () => {
    const log = new AppendLog(path);
    expect(() => log.append('half')).toThrow(RangeError);
    log.append('a\n');
    expect(() => log.read(3)).toThrow(expect.objectContaining({ code: 'E_LOG_REPLACED' }));
    log.close();
    expect(() => readLog(join(root, 'none'))).toThrow(expect.objectContaining({ code: 'E_NOT_FOUND' }));
    expect(() => new AppendLog(join(root, 'none', 'log'))).toThrow(
      expect.objectContaining({ code: 'E_NO_FOLDER' }),
    );
  });

  it.each([
    ['a\nb\nhalf', 'a\nb\n'],
    [`a\n${'x'.repeat(10_000)}`, 'a\n'],
    ['x'.repeat(10_000), ''],
    ['a\n', 'a\n'],
    ['', ''],
  ])('cuts off a half-written last line, and does not read it (%#)', (before, after) => {
    writeFileSync(path, before);
    expect(readLog(path).end).toBe(after.length);
    const log = new AppendLog(path);
    log.append('c\n');
    log.close();
    expect(readFileSync(path, 'utf8')).toBe(`${after}c\n`);
  });

  it('loses at most the torn line, whatever is appended by whom and wherever a crash cuts', () => {
    const append = fc.record({
      kind: fc.constant('append' as const),
      writer: fc.nat(1),
      lines: fc.array(
        fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => JSON.stringify(text)),
        {
          maxLength: 4,
        },
      ),
    });
    const crash = fc.record({ kind: fc.constant('crash' as const), cutBytes: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: append }, crash), { maxLength: 25 }), (steps) => {
        rmSync(path, { force: true });
        const logs = [new AppendLog(path), new AppendLog(path)];
        let expected: string[] = [];
        let known: { lines: string[]; end: number } = { lines: [], end: 0 };
        for (const step of steps) {
          if (step.kind === 'append') {
            logs[step.writer].append(step.lines.map((line) => `${line}\n`).join(''), { durable: false });
            expected.push(...step.lines);
          } else {
            const size = Math.max(0, statSync(path).size - step.cutBytes);
            truncateSync(path, size);
            const ends = expected.map((_, n) => Buffer.byteLength(expected.slice(0, n + 1).join('\n')) + 1);
            expected = expected.filter((_, n) => ends[n] <= size);
            known = { lines: [], end: 0 };
          }
          const more = logs[1].read(known.end);
          known = { lines: [...known.lines, ...more.lines], end: more.end };
          expect(known.lines).toEqual(expected);
          expect(readLog(path).lines).toEqual(expected);
        }
        for (const log of logs) log.close();
      }),
      { numRuns: 150 },
    );
  });

  it('keeps every line of several processes whole and once', async () => {
    await Promise.all(['a', 'b', 'c'].map((writer) => runModule(WRITER, [path, writer, '150'])));
    const records = readLog(path).lines.map((line) => JSON.parse(line) as { writer: string; n: number });
    for (const writer of ['a', 'b', 'c'])
      expect(records.filter((record) => record.writer === writer).map(({ n }) => n)).toEqual(
        Array.from({ length: 150 }, (_, n) => n),
      );
  });

  it('has every line that was acknowledged, however often writers are killed', async () => {
    for (const [writer, afterLines] of [1, 7, 20].entries()) {
      const child = startModule(WRITER, [path, `${writer}`, '100000']);
      let said = '';
      child.stdout!.setEncoding('utf8');
      child.stdout!.on('data', (text: string) => {
        said += text;
        if (said.split('\n').length > afterLines) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const acknowledged = said.split('\n').slice(0, -1).map(Number);
      const log = new AppendLog(path);
      log.append('{"writer":"after","n":0}\n');
      log.close();
      const numbers = readLog(path)
        .lines.map((line) => JSON.parse(line) as { writer: string; n: number })
        .filter((record) => record.writer === `${writer}`)
        .map(({ n }) => n);
      expect(numbers.slice(0, acknowledged.length)).toEqual(acknowledged);
    }
  });

  it.skipIf(process.platform === 'win32')(
    'takes back a line that only partly fitted on the disk',
    async () => {
      // A file-size limit of one block makes the kernel write part of the line, then refuse: as on a disk that fills up.
      const script = `
      const { AppendLog } = await import('@/files/append-log.js');
      const log = new AppendLog(process.argv[1]);
      log.append('first\\n');
      try { log.append('x'.repeat(5000) + '\\n'); } catch (error) { console.log(error.code); }
    `;
      expect(await runModule(script, [path], 'ulimit -f 1')).toBe('E_TOO_LARGE');
      expect(readFileSync(path, 'utf8')).toBe('first\n');
    },
  );
});
