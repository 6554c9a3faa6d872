import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { AudioFileSource } from '../../../streams/sources/audio-file.js';
import { ManualClock } from '../../support/manual-clock.js';
import { chunk, fmt, wav } from '../../support/riff.js';
import { turns, until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

const FRAMES = 40_000;
const values = Float32Array.from({ length: FRAMES }, (_, i) => Math.sin(i) / 2);
const data = chunk('data', Buffer.from(values.buffer));
const recording = wav(fmt(3, 1, 16_000, 32), data);
let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'audio-file-'));
  path = join(folder, 'tone.wav');
  writeFileSync(path, recording);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function samples(source: AudioFileSource): Promise<number[]> {
  const all: number[] = [];
  for await (const piece of source) all.push(...(piece as AudioChunk).samples[0]!);
  return all;
}

sourceConformance({ name: 'WAV file', wanted: FRAMES, open: () => AudioFileSource.open(path) });
sourceConformance({
  name: 'WAV file in a loop',
  wanted: 3 * FRAMES,
  open: () => AudioFileSource.open(path, { loop: true, chunkSeconds: 0.05 }),
});
sourceConformance({
  name: 'pipe',
  wanted: FRAMES,
  open: async () => {
    const pipe = new PassThrough();
    pipe.end(recording);
    return AudioFileSource.open(pipe);
  },
});

describe('audio files', () => {
  it('gives every sample of a file, a pipe and raw PCM', async () => {
    expect(await samples(await AudioFileSource.open(path))).toEqual([...values]);
    const pipe = new PassThrough();
    pipe.end(recording);
    expect(await samples(await AudioFileSource.open(pipe, { chunkSeconds: 0.003 }))).toEqual([...values]);
    const raw = join(folder, 'tone.raw');
    writeFileSync(raw, Buffer.from(values.buffer));
    const format = { sampleRate: 16_000, channels: 1, sampleFormat: 'f32' } as const;
    expect(await samples(await AudioFileSource.open(raw, { raw: format }))).toEqual([...values]);
  });

  it('plays in real time by the clock it is given', async () => {
    const clock = new ManualClock();
    const source = await AudioFileSource.open(path, { pace: 'realtime', clock });
    const lengths: number[] = [];
    source.on('data', (piece: AudioChunk) => lengths.push(piece.samples[0]!.length));
    await until(() => clock.waiting > 0);
    for (let i = 1; i <= 5; i++) {
      clock.advance(20);
      await until(() => clock.waiting > 0);
      expect(lengths).toEqual(Array(i).fill(320));
    }
    source.destroy();
  });

  it('can be destroyed while it waits for a pipe that never says more', async () => {
    const pipe = new PassThrough();
    pipe.write(recording.subarray(0, 4000));
    const source = await AudioFileSource.open(pipe);
    source.resume();
    await turns();
    source.destroy();
    await until(() => source.closed);
  });

  it('reports what is odd about a file', async () => {
    const short = join(folder, 'short.wav');
    writeFileSync(short, recording.subarray(0, recording.length - 7));
    const source = await AudioFileSource.open(short);
    const notices: unknown[] = [];
    source.on('notice', (notice) => notices.push(notice));
    source.resume();
    await until(() => source.readableEnded);
    expect(notices.length).toBeGreaterThan(0);
  });

  it('refuses what is no audio', async () => {
    await expect(AudioFileSource.open(join(folder, 'none.wav'))).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    });
    const text = join(folder, 'text.wav');
    writeFileSync(text, 'this is text, and nothing else, for sure');
    await expect(AudioFileSource.open(text)).rejects.toMatchObject({ name: 'InputError' });
  });
});
