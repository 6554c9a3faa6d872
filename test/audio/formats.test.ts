import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAudioInput } from '../../src/audio/open.js';

const fixture = (name: string) => join(import.meta.dirname, '../fixtures/audio', name);

/** Fixture, container, samples, and the signal-to-noise ratio at which the tone must come out, dB. */
const CASES: [name: string, container: string, sampleRate: number, frames: number, snr: number][] = [
  ['tone.caf', 'caf', 8000, 2000, 55],
  ['tone.au', 'au', 8000, 2000, 55],
  ['tone.w64', 'wave64', 8000, 2000, 55],
  ['tone-s24.aiff', 'aiff', 8000, 2000, 55],
  ['tone-f32.aifc', 'aiff', 8000, 2000, 55],
  ['tone-ima4.aifc', 'aiff', 8000, 2048, 20],
  ['tone-alaw.wav', 'wav', 8000, 2000, 33],
  ['tone-ima.wav', 'wav', 8000, 2000, 20],
  ['tone-ms.wav', 'wav', 8000, 2000, 20],
  ['tone.mp3', 'mp3', 48_000, 24_000, 25],
  ['tone.ogg', 'ogg-vorbis', 48_000, 24_000, 25],
  ['tone.opus', 'ogg-opus', 48_000, 24_000, 20],
];

async function read(source: string | Iterable<Uint8Array>) {
  const input = await openAudioInput(source);
  const samples: number[] = [];
  for await (const chunk of input) samples.push(...chunk.samples[0]);
  return { input, samples };
}

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length];
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** How far the tone is above all that is not it, at the very place where it was. */
function toneSnr(samples: readonly number[], sampleRate: number): number {
  let signal = 0;
  let noise = 0;
  for (const [i, sample] of samples.entries()) {
    const tone =
      i < 0.25 * sampleRate || sampleRate > 8000
        ? Math.sin((2 * Math.PI * 440 * i) / sampleRate) * 10 ** (-3 / 20)
        : sample;
    signal += tone * tone;
    noise += (sample - tone) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe.each(CASES)('%s', (name, container, sampleRate, frames, snr) => {
  it('has its format, its exact length, and every sample in its place', async () => {
    const { input, samples } = await read(fixture(name));
    expect(input.container).toBe(container);
    expect(input.format).toMatchObject({ sampleRate, channels: 1 });
    expect(samples).toHaveLength(frames);
    expect(input.frames ?? frames).toBe(frames);
    expect(input.warnings).toEqual([]);
    expect(toneSnr(samples, sampleRate)).toBeGreaterThan(snr);
  });

  it('is the same from a pipe, in pieces of any size', async () => {
    const whole = await read(fixture(name));
    const bytes = readFileSync(fixture(name));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
        async (sizes) => {
          const { samples } = await read(pieces(bytes, sizes));
          expect(samples.length).toBe(whole.samples.length);
          expect(samples.every((sample, i) => sample === whole.samples[i])).toBe(true);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('is refused or read up to where it is cut off, never more', async () => {
    const bytes = readFileSync(fixture(name));
    for (const share of [0.02, 0.3, 0.7, 0.97]) {
      const cut = bytes.subarray(0, Math.floor(share * bytes.length));
      const got = await read([cut]).then(
        ({ samples }) => samples.length,
        (error: { code: string }) => error.code,
      );
      if (typeof got === 'string') expect(got).toMatch(/^E_(TRUNCATED|CORRUPT|NOT_AUDIO)$/);
      else expect(got).toBeLessThanOrEqual(frames + 1152);
    }
  });
});

describe('tags', () => {
  it.each(['tone.mp3', 'tone.ogg', 'tone.opus'])('%s: of ID3 and Vorbis comments', async (name) => {
    const { input } = await read(fixture(name));
    const comments = input.tags?.comments.map((comment) =>
      comment.replace(/^\w+/, (key) => key.toUpperCase()),
    );
    expect(comments).toEqual(expect.arrayContaining(['TITLE=Tone', 'ARTIST=Nobody']));
  });
});
