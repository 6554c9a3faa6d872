import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { BYTES_PER_SAMPLE, type SampleFormat } from '../../src/audio/format.js';
import { openAudioInput } from '../../src/audio/open.js';
import { encodePcm } from '../../src/audio/pcm.js';
import { InputError } from '../../src/errors.js';

const fixtures = join(import.meta.dirname, '../fixtures/audio');
const fixture = (name: string) => join(fixtures, name);
const golden = JSON.parse(readFileSync(fixture('decoded.golden.json'), 'utf8')) as Record<
  string,
  { format: SampleFormat; sha256: string }
>;

function sha256(channels: Float32Array[], sampleFormat: SampleFormat): string {
  const frames = channels[0].length;
  const bytes = new Uint8Array(frames * channels.length * BYTES_PER_SAMPLE[sampleFormat]);
  encodePcm(channels, { channels: channels.length, sampleFormat }, bytes, frames);
  return createHash('sha256').update(bytes).digest('hex');
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'denoise-open-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function codeOf(source: string | Uint8Array): Promise<string> {
  try {
    await decodeAudioFile(typeof source === 'string' ? source : [source]);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).code;
  }
  return 'none';
}

describe('files written by sox, ffmpeg and flac', () => {
  it.each(Object.entries(golden))(
    '%s: the samples are those that ffmpeg decodes',
    async (name, { format, sha256: sum }) => {
      const { channels } = await decodeAudioFile(fixture(name));
      expect(sha256(channels, format)).toBe(sum);
    },
  );

  it.each(Object.entries(golden))(
    '%s: the same from a pipe in pieces of 1, 97 and 4096 bytes',
    async (name, want) => {
      const bytes = readFileSync(fixture(name));
      for (const size of [1, 97, 4096]) {
        const { channels } = await decodeAudioFile(pieces(bytes, size));
        expect(sha256(channels, want.format)).toBe(want.sha256);
      }
    },
  );

  it('tells the format before any audio is read', async () => {
    const expected = {
      'sox-s16.wav': { sampleRate: 16000, channels: 2, sampleFormat: 's16', frames: 800 },
      'sox-u8.wav': { sampleRate: 8000, channels: 1, sampleFormat: 'u8', frames: 400 },
      'ffmpeg-5.1-s24.wav': { sampleRate: 44100, channels: 6, sampleFormat: 's24', frames: 882 },
      'sox-f64.wav': { sampleRate: 192000, channels: 1, sampleFormat: 'f64', frames: 960 },
      'ffmpeg-f32-bext.wav': { sampleRate: 16000, channels: 2, sampleFormat: 'f32', frames: 800 },
      'ffmpeg-rf64.wav': { sampleRate: 16000, channels: 2, sampleFormat: 's16', frames: 800 },
      'ffmpeg-pipe.wav': { sampleRate: 16000, channels: 2, sampleFormat: 's16', frames: 800 },
      'flac-s24-3ch.flac': { sampleRate: 44100, channels: 3, sampleFormat: 's24', frames: 882 },
      'flac-unknown-length.flac': { sampleRate: 16000, channels: 2, sampleFormat: 's16', frames: undefined },
    };
    for (const [name, { frames, ...format }] of Object.entries(expected)) {
      const input = await openAudioInput(fixture(name));
      expect(input.format, name).toMatchObject(format);
      expect(input.frames, name).toBe(frames);
      await input.close();
    }
  });

  it('says nothing of lengths that a pipe could not know', async () => {
    for (const name of ['ffmpeg-pipe.wav', 'sox-pipe.wav', 'flac-unknown-length.flac']) {
      const input = await openAudioInput(fixture(name));
      for await (const chunk of input) expect(chunk.samples.length).toBeGreaterThan(0);
      expect(input.warnings, name).toEqual([]);
    }
  });

  it('reads FLAC between an ID3v2 and an ID3v1 tag', async () => {
    const id3v2 = Buffer.from(`ID3\x04\0\0\0\0\0\x05hello`, 'latin1');
    const id3v1 = Buffer.alloc(128);
    id3v1.write('TAG');
    for (const name of ['flac-s16.flac', 'flac-s24-3ch.flac']) {
      const bytes = Buffer.concat([id3v2, readFileSync(fixture(name)), id3v1]);
      expect(sha256((await decodeAudioFile([bytes])).channels, golden[name].format)).toBe(
        golden[name].sha256,
      );
    }
  });

  it('reads AIFF exactly, µ-law and ADPCM nearly as the WAV that they were made of', async () => {
    const { channels: original } = await decodeAudioFile(fixture('sox-s16.wav'));
    for (const [name, most] of [
      ['ffmpeg.aiff', 0],
      ['ffmpeg-mulaw.wav', 0.02],
      ['ffmpeg-adpcm.wav', 0.4],
    ] as const) {
      const { channels } = await decodeAudioFile(fixture(name));
      const worst = original.flatMap((channel, c) =>
        Array.from(channel, (x, i) => Math.abs(x - channels[c][i])),
      );
      expect(Math.max(...worst), name).toBeLessThanOrEqual(most);
    }
  });

  it('keeps the metadata chunks', async () => {
    const input = await openAudioInput(fixture('ffmpeg-f32-bext.wav'));
    for await (const _ of input);
    const { before, after } = input.metadata!;
    expect([...before, ...after].map((chunk) => chunk.id)).toEqual(['bext', 'LIST']);
  });
});

describe('what is not audio, or not whole', () => {
  it.each([
    ['make.sh', 'E_NOT_AUDIO'],
    ['.', 'E_IS_FOLDER'],
    ['absent.wav', 'E_NOT_FOUND'],
  ])('%s: %s', async (name, code) => {
    expect(await codeOf(fixture(name))).toBe(code);
  });

  it('refuses an empty file', async () => {
    await writeFile(join(folder, 'empty.wav'), '');
    expect(await codeOf(join(folder, 'empty.wav'))).toBe('E_EMPTY');
  });

  it('refuses every WAV and FLAC that is cut off within its header', async () => {
    for (const [name, header] of [
      ['sox-s16.wav', 44],
      ['flac-s16.flac', 42],
    ] as const) {
      const bytes = readFileSync(fixture(name));
      for (let length = 4; length < header; length++) {
        expect(await codeOf(bytes.subarray(0, length)), `${name} ${length}`).toBe('E_TRUNCATED');
      }
    }
  });

  it('reads a WAV that is cut off within its samples up to there, and says so', async () => {
    const path = join(folder, 'cut.wav');
    await writeFile(path, readFileSync(fixture('sox-s16.wav')).subarray(0, 44 + 4 * 500 + 3));
    const input = await openAudioInput(path);
    expect(input.frames).toBe(500);
    let frames = 0;
    for await (const chunk of input) frames += chunk.samples[0].length;
    expect(frames).toBe(500);
    expect(input.warnings.map((warning) => warning.code)).toEqual(['W_TRUNCATED', 'W_PARTIAL_FRAME']);
  });

  it('reads a FLAC that is cut off within its last frame with silence for that, and says so', async () => {
    const input = await openAudioInput([readFileSync(fixture('flac-s16.flac')).subarray(0, -300)]);
    const samples: number[] = [];
    for await (const chunk of input) samples.push(...chunk.samples[0]);
    expect(samples).toHaveLength(800);
    expect(samples.slice(512).every((sample) => sample === 0)).toBe(true);
    expect(input.warnings.map((warning) => warning.code)).toEqual(['W_DAMAGED']);
  });
});
