import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOCK_SAMPLES, MAX_CHANNELS } from '../../src/audio/format.js';
import { type AudioInputSource, openAudioInput } from '../../src/audio/open.js';
import { DenoiseError } from '../../src/errors.js';

const folder = join(import.meta.dirname, '../fixtures/audio');
const names = readdirSync(folder).filter((name) =>
  /\.(wav|flac|oga|aiff|aifc|caf|au|w64|mp3|ogg|opus)$/.test(name),
);
const files = names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
const starts = (endings: RegExp, length: number) =>
  files.filter(({ name }) => endings.test(name)).map(({ bytes }) => bytes.subarray(0, length));
const wavs = starts(/\.wav$/, 250);
const containers = starts(/\.(aiff|aifc|caf|au|w64)$|-(ima|ms|alaw|adpcm|mulaw)\.wav$/, 400);
const flacs = starts(/\.(flac|oga)$/, 3000);
const mp3s = starts(/\.mp3$/, 4500);
const oggs = starts(/\.(ogg|opus)$/, 6000);

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads everything; anything but a DenoiseError fails, as does audio out of nothing. Plain comparisons: expect() is slow. */
async function read(
  source: AudioInputSource,
  byteLength: number,
  framesPerByte: number,
): Promise<'audio' | 'refused'> {
  try {
    const input = await openAudioInput(source);
    const { channels } = input.format;
    let frames = 0;
    for await (const { samples, firstSample } of input) {
      const length = samples[0].length;
      const bounded = channels <= MAX_CHANNELS && length * channels <= BLOCK_SAMPLES;
      if (samples.length !== channels || !bounded || firstSample !== BigInt(frames))
        expect.fail('a bad chunk');
      for (const channel of samples) {
        for (let i = 0; i < length; i++)
          if (!Number.isFinite(channel[i])) expect.fail('a sample is not finite');
      }
      frames += length;
    }
    if (frames > byteLength * framesPerByte) expect.fail('more audio than the bytes can hold');
    const kept = [...(input.metadata?.before ?? []), ...(input.metadata?.after ?? [])];
    if (kept.reduce((sum, chunk) => sum + chunk.data.length, 0) > byteLength)
      expect.fail('metadata of nothing');
    return 'audio';
  } catch (error) {
    if (!(error instanceof DenoiseError) || !/[.)]$/.test(error.message)) throw error;
    return 'refused';
  }
}

const sizes = [0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** A valid file with some of its bytes, words or stretches changed, cut out, doubled, or its end cut off. */
function mutated(originals: Uint8Array[], span: number): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(span);
  const change = fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), at, value: fc.nat(255) }),
    fc.record({
      kind: fc.constant('word' as const),
      at,
      value: fc.oneof(fc.constantFrom(...sizes), fc.nat(200)),
    }),
    fc.record({ kind: fc.constant('cut' as const), at, value: fc.integer({ min: 1, max: 24 }) }),
    fc.record({ kind: fc.constant('double' as const), at, value: fc.integer({ min: 1, max: 64 }) }),
    fc.record({ kind: fc.constant('end' as const), at, value: fc.constant(0) }),
  );
  const changes = fc.array(change, { minLength: 1, maxLength: 4 });
  return fc.tuple(fc.constantFrom(...originals), changes).map(([original, list]) => {
    let bytes = Buffer.from(original);
    for (const { kind, at, value } of list) {
      if (at + 4 > bytes.length) continue;
      if (kind === 'byte') bytes[at] = value;
      else if (kind === 'word') bytes.writeUInt32LE(value, at);
      else if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + value)]);
      else if (kind === 'double') bytes = Buffer.concat([bytes.subarray(0, at + value), bytes.subarray(at)]);
      else bytes = bytes.subarray(0, at);
    }
    return bytes;
  });
}

/** A chain of chunks as no sane program writes it. */
const chunks = fc
  .array(
    fc.record({
      id: fc.constantFrom('fmt ', 'data', 'LIST', 'JUNK', 'ds64', 'fact', 'id3 ', 'kiwi', 'data', '\0\0\0\0'),
      data: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(
          ...wavs.map((bytes) => bytes.subarray(20, 36)),
          ...wavs.map((bytes) => bytes.subarray(20, 60)),
        ),
      ),
      size: fc.option(fc.constantFrom(...sizes), { freq: 4 }),
    }),
    { maxLength: 8 },
  )
  .map((list) => {
    const parts = list.map(({ id, data, size }) => {
      const head = Buffer.from(`${id}....`, 'latin1');
      head.writeUInt32LE(size ?? data.length, 4);
      return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
    });
    return Buffer.concat([Buffer.from('RIFF\xff\xff\xff\xffWAVE', 'latin1'), ...parts]);
  });

const pieceSize = fc.constantFrom(9, 64, 4096);

/** `FUZZ_RUNS=10000` tries that many of each instead, and takes the time that it needs. */
const CHOSEN_RUNS = process.env.FUZZ_RUNS === undefined ? undefined : Number(process.env.FUZZ_RUNS);

/** @param place where each input is written, and read by that name, as ffmpeg needs it; left out: read from memory */
async function fuzz(
  inputs: fc.Arbitrary<Uint8Array>,
  runs: number,
  framesPerByte = 1,
  place?: string,
): Promise<Set<string>> {
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(inputs, pieceSize, async (bytes, size) => {
      if (place !== undefined) writeFileSync(place, bytes);
      outcomes.add(await read(place ?? pieces(bytes, size), bytes.length, framesPerByte));
    }),
    { numRuns: CHOSEN_RUNS ?? runs },
  );
  return outcomes;
}

const timeout = CHOSEN_RUNS === undefined ? 600_000 : 24 * 3600_000;

describe('whatever the bytes, audio or a plain error', { timeout }, () => {
  it('7000 WAV files with damaged headers', async () => {
    expect(await fuzz(mutated(wavs, 120), 7000, 2)).toEqual(new Set(['audio', 'refused']));
  });

  it('2500 chains of chunks at random', async () => {
    expect(await fuzz(chunks, 2500, 2)).toEqual(new Set(['audio', 'refused']));
  });

  it('1000 pieces of noise, some with a promising start', async () => {
    const starts = [
      '',
      'RIFF',
      'RF64\xff\xff\xff\xffWAVE',
      'fLaC',
      'OggS',
      'ID3\x04\0\0\0\0\0\x0a',
      '\xff\xfb',
      'FORM\0\0\0\0AIFC',
      'caff\0\x01\0\0',
      '.snd\0\0\0\x18',
      'riff',
      'fLaC\0\0\0\x22',
    ];
    const noise = fc
      .tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }))
      .map(([start, tail]) => Buffer.concat([Buffer.from(start, 'latin1'), tail]));
    expect(await fuzz(noise, 1000, 4096)).toContain('refused');
  });

  it('2000 damaged AIFF, CAF, AU, Wave64 and coded WAV files', async () => {
    // ADPCM has two samples a byte.
    expect(await fuzz(mutated(containers, 150), 2000, 2)).toEqual(new Set(['audio', 'refused']));
  });

  it('1000 damaged FLAC files', async () => {
    // A frame of silence is a dozen bytes for 65 535 samples.
    expect(await fuzz(mutated(flacs, 2900), 1000, 8192)).toEqual(new Set(['audio', 'refused']));
  });

  it('100 damaged MP3 files', async () => {
    expect(await fuzz(mutated(mp3s, 4400), 100, 100)).toContain('audio');
  });

  it('60 damaged Vorbis and Opus files', async () => {
    expect(await fuzz(mutated(oggs, 5800), 60, 8192)).toContain('audio');
  });

  it('60 damaged headers of Vorbis and Opus', async () => {
    expect(await fuzz(mutated(oggs, 200), 60, 8192)).toEqual(new Set(['audio', 'refused']));
  });
});

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).error === undefined;

describe.skipIf(!hasFfmpeg)('whatever the bytes, through ffmpeg', { timeout }, () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'denoise-fuzz-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('20 damaged M4A and AAC files', async () => {
    const tone = ['-f', 'lavfi', '-i', 'sine=duration=0.2', '-c:a', 'aac'];
    const originals = ['tone.m4a', 'tone.aac'].map((name) => {
      const path = join(folder, name);
      spawnSync('ffmpeg', ['-v', 'error', ...tone, path]);
      return readFileSync(path);
    });
    // A packet of silence is a few bytes for 1024 samples, and what is damaged may be of twice the rate.
    expect(await fuzz(mutated(originals, 2500), 20, 2048, join(folder, 'damaged'))).toContain('audio');
  });
});
