import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AudioFormat, integerFormat } from '../../../src/audio/format.js';
import { OpusWriter } from '../../../src/audio/ogg/opus-writer.js';
import { openAudioInput } from '../../../src/audio/open.js';
import { MemoryTarget } from '../../support/memory-target.js';

const tone = (frames: number, sampleRate: number) =>
  Float32Array.from({ length: frames }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / sampleRate));

async function encode(
  format: AudioFormat,
  samples: Float32Array,
  pieces: readonly number[] = [],
  withPicture = true,
): Promise<Buffer> {
  const target = new MemoryTarget();
  const tags = { comments: ['TITLE=Tone'], pictures: withPicture ? [Buffer.alloc(70_000, 3)] : [] };
  const writer = await OpusWriter.create(target, format, { tags });
  let at = 0;
  for (const piece of [...pieces, samples.length]) {
    const part = samples.subarray(at, at + piece);
    await writer.write(Array.from({ length: format.channels }, () => part));
    at += part.length;
  }
  await writer.finish();
  return target.bytes;
}

async function decode(bytes: Uint8Array) {
  const input = await openAudioInput([bytes]);
  const samples: number[] = [];
  for await (const chunk of input) samples.push(...chunk.samples[0]);
  return { input, samples };
}

describe('OpusWriter', () => {
  it.each([
    [48_000, 1],
    [44_100, 2],
    [16_000, 1],
    [8000, 2],
  ])(
    '%i Hz, %i channels: every sample in its place, the exact length, tags and pictures',
    async (rate, channels) => {
      const frames = Math.round(0.777 * rate);
      const { input, samples } = await decode(
        await encode(integerFormat(rate, channels, 16), tone(frames, rate)),
      );
      expect(input.warnings).toEqual([]);
      expect(input.format).toEqual(integerFormat(48_000, channels, 16));
      expect(input.tags?.comments).toEqual(['TITLE=Tone']);
      expect(input.tags?.pictures.map((picture) => picture.length)).toEqual([70_000]);
      expect(samples).toHaveLength(Math.round((frames * 48_000) / rate));
      const wanted = tone(samples.length, 48_000);
      // The ends are where coder and resampler meet silence.
      const middle = samples.slice(2000, -2000);
      const error =
        middle.reduce((sum, sample, i) => sum + (sample - wanted[i + 2000]) ** 2, 0) / middle.length;
      expect(10 * Math.log10(0.125 / error)).toBeGreaterThan(25);
    },
  );

  it('gives the same bytes however the sound comes in', async () => {
    const format = integerFormat(44_100, 1, 16);
    const whole = await encode(format, tone(5000, 44_100));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 5 }), async (pieces) => {
        expect((await encode(format, tone(5000, 44_100), pieces)).equals(whole)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('writes no more than two channels, and says so', async () => {
    await expect(encode(integerFormat(48_000, 3, 16), tone(10, 48_000))).rejects.toMatchObject({
      code: 'E_FORMAT',
    });
  });

  const opusinfo = spawnSync('opusinfo', ['--version']).error === undefined;
  it.skipIf(!opusinfo)('opusinfo finds nothing to say (skipped where it is not installed)', async () => {
    const bytes = await encode(integerFormat(48_000, 2, 16), tone(100_000, 48_000), [], false);
    const folder = mkdtempSync(join(tmpdir(), 'denoise-opus-'));
    writeFileSync(join(folder, 'tone.opus'), bytes);
    const { stdout, stderr } = spawnSync('opusinfo', [join(folder, 'tone.opus')]);
    rmSync(folder, { recursive: true });
    expect(`${stdout}${stderr}`).not.toMatch(/warning|error/i);
  });
});
