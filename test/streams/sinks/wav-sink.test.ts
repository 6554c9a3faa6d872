import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openAudioInput } from '../../../src/audio/open.js';
import { WavSink, type WavSinkOptions } from '../../../streams/sinks/wav-sink.js';
import { RATE, sinkConformance, tone } from './conformance.js';

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wav-sink-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fresh = () => join(folder, `r${count++}.wav`);

function open(path: string, options: Partial<WavSinkOptions> = {}): Promise<WavSink> {
  return WavSink.open(path, { sampleRate: RATE, channels: 1, sampleFormat: 'f32', ...options });
}

/** The samples of a file that is well-formed but for the warnings named. */
async function read(path: string, ...odd: string[]): Promise<number[]> {
  const samples: number[] = [];
  const input = await openAudioInput(path);
  for await (const chunk of input) samples.push(...chunk.samples[0]!);
  expect(input.warnings.map(({ code }) => code).filter((code) => !odd.includes(code))).toEqual([]);
  return samples;
}

async function write(sink: WavSink, length: number, first: number): Promise<void> {
  if (!sink.write(tone(length, first))) await once(sink, 'drain');
}

sinkConformance({ name: 'WAV', open: () => open(fresh()) });
sinkConformance({ name: 'WAV with rotation', open: () => open(fresh(), { rotateSeconds: 0.01 }) });

describe('WAV sink', () => {
  it('is a valid file after every chunk', async () => {
    const path = fresh();
    const sink = await open(path);
    expect(statSync(path).size).toBeGreaterThan(40);
    for (let i = 1; i <= 10; i++) {
      await write(sink, 160, (i - 1) * 160);
      while (sink.writableLength > 0) await new Promise(setImmediate);
      expect(await read(path)).toEqual([...tone(160 * i).samples[0]!]);
    }
    sink.destroy();
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves a valid file when the process is ended by %s',
    async (signal) => {
      const path = fresh();
      const recorder = fileURLToPath(new URL('../../../dist/streams/sinks/wav-sink.js', import.meta.url));
      expect(existsSync(recorder), 'npm run build first').toBe(true);
      const script = `
      import { WavSink } from ${JSON.stringify(recorder)};
      const sink = await WavSink.open(process.argv[1], { sampleRate: 16000, channels: 1, sampleFormat: 'f32' });
      const samples = [new Float32Array(160).fill(0.25)];
      for (let i = 0; ; i++) {
        if (i === 50) process.stdout.write('recording');
        if (!sink.write({ samples, sampleRate: 16000, firstSample: BigInt(i * 160) }))
          await new Promise((resolve) => sink.once('drain', resolve));
      }`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, path]);
      await once(child.stdout, 'data');
      child.kill(signal);
      await once(child, 'exit');
      // Samples of the last chunk may be there already, and the header not yet speak of them.
      const samples = await read(path, 'W_TRAILING_BYTES');
      expect(samples.length).toBeGreaterThanOrEqual(40 * 160);
      expect(samples.every((value) => value === 0.25)).toBe(true);
      if (spawnSync('soxi', ['-s', path]).status === 0)
        expect(Number(execFileSync('soxi', ['-s', path]))).toBe(samples.length);
    },
  );

  it('rotates by time and by size without losing a sample between files', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom({ rotateSeconds: 0.02 }, { rotateBytes: 1280 }),
        async (lengths, rotation) => {
          const sink = await open(fresh(), rotation);
          let first = 0;
          for (const length of lengths) {
            await write(sink, length, first);
            first += length;
          }
          sink.end();
          await finished(sink);
          const parts = await Promise.all(sink.files.map((path) => read(path)));
          expect(parts.flat()).toEqual([...tone(first).samples[0]!]);
          expect(parts.slice(0, -1).every((part) => part.length === 320)).toBe(true);
          expect(sink.files[0]).toMatch(/-0001\.wav$/);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('goes on in another file when the rate rises, under the next name that is free', async () => {
    const path = fresh();
    writeFileSync(path.replace('.wav', '-0002.wav'), 'precious');
    const sink = await open(path);
    await write(sink, 1600, 0);
    sink.end(tone(4800, 0, 1, 48_000));
    await finished(sink);
    expect(sink.files).toEqual([path, path.replace('.wav', '-0003.wav')]);
    expect(await read(path)).toEqual([...tone(1600).samples[0]!]);
    expect(await read(sink.files[1]!)).toEqual([...tone(4800, 0, 1, 48_000).samples[0]!]);
    const input = await openAudioInput(sink.files[1]!);
    expect(input.format.sampleRate).toBe(48_000);
    await input.close();
    expect(readFileSync(path.replace('.wav', '-0002.wav'), 'utf8')).toBe('precious');
  });

  it('does not replace a file unless told so', async () => {
    const path = fresh();
    writeFileSync(path, 'precious');
    await expect(open(path)).rejects.toMatchObject({ name: 'OutputError', code: 'E_EXISTS' });
    expect(statSync(path).size).toBe(8);
    const sink = await open(path, { overwrite: true });
    sink.end();
    await finished(sink);
    expect(await read(path)).toEqual([]);
  });

  it('says that the folder is missing', async () => {
    await expect(open(join(folder, 'none', 'x.wav'))).rejects.toMatchObject({ code: 'E_NO_FOLDER' });
  });
});

const small = join(tmpdir(), `wav-sink-disk-${process.pid}`);
const mounted =
  spawnSync('mkdir', [small]).status === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', small]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [small]);
  rmSync(small, { recursive: true, force: true });
});

describe.skipIf(!mounted)(
  `a full disk${mounted ? '' : ' (skipped: a small file system cannot be mounted here)'}`,
  () => {
    afterEach(() => {
      for (const name of readdirSync(small)) rmSync(join(small, name));
    });

    it('stops with a clear error, and what was written stays valid', async () => {
      const path = join(small, 'full.wav');
      const sink = await open(path);
      const failure = once(sink, 'error');
      let first = 0;
      while (!sink.destroyed && first < 100_000) {
        if (!sink.write(tone(1600, first)))
          await Promise.race([once(sink, 'drain').catch(() => {}), failure]);
        first += 1600;
      }
      expect((await failure)[0]).toMatchObject({ name: 'OutputError', code: 'E_NO_SPACE' });
      const samples = await read(path);
      expect(samples.length).toBeGreaterThan(10_000);
      expect(samples).toEqual([...tone(samples.length).samples[0]!]);
      expect(BigInt(samples.length)).toBe(sink.stats.samples);
    });
  },
);
