import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../../src/training/run/tensorboard/crc32c.js';
import { encodeEvent, frameRecord } from '../../../../src/training/run/tensorboard/event.js';
import { EventFile } from '../../../../src/training/run/tensorboard/event-file.js';

const READER = fileURLToPath(new URL('./read_events.py', import.meta.url));
const python = spawnSync('python3', ['--version']).status === 0;
if (!python) console.warn('python3 is absent: the independent event-file reader is skipped.');

describe('crc32c', () => {
  it('gives the values of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('masks as TensorFlow does, staying within 32 bits', () => {
    // ((0xe3069283 >> 15 | 0xe3069283 << 17) + 0xa282ead8) mod 2³²
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe(0xc78ab0e5);
  });
});

describe('encodeEvent', () => {
  it('gives the wire bytes of a scalar, worked out by hand', () => {
    const bytes = encodeEvent({ wallTime: 1, step: 300, scalars: { a: 0.5 } });
    expect(bytes.toString('hex')).toBe(
      '09000000000000f03f' + // 1: double 1.0
        '10ac02' + // 2: varint 300
        '2a0a' + // 5: Summary, 10 bytes
        '0a08' + // 1: Value, 8 bytes
        '0a0161' + // 1: tag "a"
        '150000003f', // 2: float 0.5
    );
    expect(frameRecord(bytes).length).toBe(bytes.length + 16);
  });
});

describe.skipIf(!python)('EventFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'denoise-events-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is read back whole by an independent reader', () => {
    const file = new EventFile(folder, 0, 1_700_000_000.5);
    file.scalars(1, { 'loss/train': 0.25, 'learning rate': 1e-4 }, 1_700_000_001);
    file.scalars(5_000_000_000, { 'loss/train': Number.NaN, größe: -2 }, 1_700_000_002);
    file.close();
    const read = spawnSync('python3', [READER, file.path], { encoding: 'utf8' });
    expect(read.stderr).toBe('');
    expect(JSON.parse(read.stdout)).toEqual([
      { wallTime: 1_700_000_000.5, fileVersion: 'brain.Event:2', scalars: {} },
      { wallTime: 1_700_000_000.5, step: 0, session: 1, scalars: {} },
      {
        wallTime: 1_700_000_001,
        step: 1,
        scalars: { 'loss/train': 0.25, 'learning rate': Math.fround(1e-4) },
      },
      { wallTime: 1_700_000_002, step: 5_000_000_000, scalars: { 'loss/train': 'NaN', größe: -2 } },
    ]);
  });

  it('starts a new file of its own even within the same second', () => {
    const first = new EventFile(folder, 0, 1_700_000_000);
    const second = new EventFile(folder, 10, 1_700_000_000);
    first.close();
    second.close();
    expect(second.path).not.toBe(first.path);
    expect(second.path > first.path).toBe(true);
  });
});
