import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlacWriter } from '../../../src/audio/flac/writer.js';
import type { AudioFormat } from '../../../src/audio/format.js';
import { openAudioInput } from '../../../src/audio/open.js';
import { MemoryTarget } from '../../support/memory-target.js';

const CONTAINERS = { 8: 'u8', 16: 's16', 24: 's24', 32: 's32' } as const;

function formatOf(bits: number, channels: number, sampleRate = 48_000): AudioFormat {
  const container = (Math.ceil(bits / 8) * 8) as keyof typeof CONTAINERS;
  return {
    sampleRate,
    channels,
    sampleFormat: CONTAINERS[container],
    ...(bits === container ? {} : { validBits: bits }),
  };
}

async function encode(format: AudioFormat, channels: Float64Array[], pieces: number[]): Promise<Buffer> {
  const memory = new MemoryTarget();
  const writer = await FlacWriter.create(memory, format, {
    tags: { comments: ['TITLE=Test'], pictures: [] },
  });
  let at = 0;
  for (const piece of pieces) {
    await writer.write(channels.map((channel) => channel.subarray(at, at + piece)));
    at = Math.min(channels[0].length, at + piece);
  }
  await writer.write(channels.map((channel) => channel.subarray(at)));
  await writer.finish();
  return memory.bytes;
}

async function decode(bytes: Uint8Array) {
  const input = await openAudioInput([bytes]);
  const blocks: Float64Array[][] = [];
  for await (const block of input.exactBlocks()) blocks.push(block);
  const channels = Array.from({ length: input.format.channels }, (_, c) =>
    blocks.flatMap((block) => Array.from(block[c])),
  );
  return { input, channels };
}

/** Whole codes of `bits` bits, divided so that full scale is ±1: what a channel can hold. */
const shapes: Record<string, (bits: number) => (i: number) => number> = {
  silence: () => () => 0,
  constant: (bits) => () => 2 ** (bits - 2) - 1,
  'sine with noise': (bits) => (i) =>
    Math.round((Math.sin(i / 9) * 0.7 + ((i * 7919) % 101) / 2000) * 2 ** (bits - 1)),
  'full-scale square': (bits) => (i) => (i % 50 < 25 ? 2 ** (bits - 1) - 1 : -(2 ** (bits - 1))),
  hash: (bits) => (i) =>
    Math.floor((Math.imul(i + 1, 2654435761) >>> 0) / 2 ** (32 - bits)) - 2 ** (bits - 1),
  'low bits zero': (bits) => (i) => Math.round(Math.sin(i / 5) * 2 ** (bits - 4)) * 4,
  click: () => (i) => (i === 1000 ? 5 : 0),
};

describe('FlacWriter', () => {
  it('keeps every bit: 4 to 32 of them, 1 to 8 channels, any length and pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 32 }),
        fc.array(fc.constantFrom(...Object.keys(shapes)), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9000 }),
        fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 4 }),
        async (bits, names, frames, pieces) => {
          const scale = 2 ** (1 - bits);
          const channels = names.map((name) => {
            const shape = shapes[name](bits);
            return Float64Array.from({ length: frames }, (_, i) => shape(i) * scale);
          });
          const decoded = await decode(await encode(formatOf(bits, names.length), channels, pieces));
          expect(decoded.input.warnings).toEqual([]);
          expect(decoded.input.frames).toBe(frames);
          expect(decoded.channels.every((channel, c) => channel.every((x, i) => x === channels[c][i]))).toBe(
            true,
          );
          expect(decoded.channels[0].length).toBe(frames);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('keeps tags, and makes streams smaller than their samples', async () => {
    const shape = shapes['sine with noise'](16);
    const channel = Float64Array.from({ length: 48_000 }, (_, i) => shape(i) / 2 ** 15);
    const bytes = await encode(formatOf(16, 2), [channel, channel], []);
    const { input } = await decode(bytes);
    expect(input.tags?.comments).toEqual(['TITLE=Test']);
    expect(bytes.length).toBeLessThan(0.4 * 48_000 * 4);
  });

  it('counts what it clips', async () => {
    const memory = new MemoryTarget();
    const writer = await FlacWriter.create(memory, formatOf(16, 1));
    await writer.write([Float32Array.of(0, 1, -1, 1.5, -1.5)]);
    await writer.finish();
    expect(writer.clipped).toBe(2);
    const { channels } = await decode(memory.bytes);
    expect(channels[0].map((x) => x * 2 ** 15)).toEqual([0, 32767, -32768, 32767, -32768]);
  });

  const reference = spawnSync('flac', ['--version']).status === 0;
  it.skipIf(!reference)('the reference decoder agrees (skipped where flac is not installed)', async () => {
    for (const bits of [8, 12, 16, 20, 24]) {
      for (const count of [1, 2, 6]) {
        const channels = Array.from({ length: count }, (_, c) => {
          const shape = Object.values(shapes)[(c + 2) % 7](bits);
          return Float64Array.from({ length: 20_000 }, (_, i) => shape(i) * 2 ** (1 - bits));
        });
        const bytes = await encode(formatOf(bits, count, 44_100), channels, []);
        const tested = spawnSync('flac', ['-t', '-s', '-'], { input: bytes });
        expect(tested.stderr.toString(), `${bits} bits, ${count} channels`).toBe('');
        expect(tested.status).toBe(0);
      }
    }
  });
});
