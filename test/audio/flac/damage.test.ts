import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFrameHeader } from '../../../src/audio/flac/frame-header.js';
import { FlacWriter } from '../../../src/audio/flac/writer.js';
import { openAudioInput } from '../../../src/audio/open.js';
import { MemoryTarget } from '../../support/memory-target.js';

const FRAME = 4096;
const FRAMES = 10;
const LENGTH = FRAMES * FRAME - 1000;
const original = Float64Array.from(
  { length: LENGTH },
  (_, i) => Math.floor(Math.sin(i / 30) * 9000 + 100.5) / 2 ** 15,
);

async function encoded(): Promise<Buffer> {
  const target = new MemoryTarget();
  const writer = await FlacWriter.create(target, { sampleRate: 16_000, channels: 1, sampleFormat: 's16' });
  await writer.write([original]);
  await writer.finish();
  return target.bytes;
}

/** Where each frame of the stream starts, and where the last ends. */
function frameStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (parseFrameHeader(bytes, at)?.number === starts.length) starts.push(at);
  }
  return [...starts, bytes.length];
}

async function decode(bytes: Uint8Array) {
  const input = await openAudioInput([bytes]);
  const samples: number[] = [];
  for await (const block of input.exactBlocks()) samples.push(...block[0]);
  return { samples, warnings: input.warnings };
}

/** The original with silence in place of some frames. */
function without(...frames: number[]): number[] {
  return Array.from(original, (sample, i) => (frames.includes(Math.floor(i / FRAME)) ? 0 : sample));
}

describe('a damaged FLAC stream', () => {
  it('is cut into frames by the test as it should be', async () => {
    const bytes = await encoded();
    expect(frameStarts(bytes)).toHaveLength(FRAMES + 1);
    expect(await decode(bytes)).toEqual({ samples: Array.from(original), warnings: [] });
  });

  it.each([0, 1, 5, FRAMES - 1])('frame %i with a wrong byte costs that frame', async (frame) => {
    const bytes = await encoded();
    bytes[frameStarts(bytes)[frame] + 40] ^= 0x10;
    const { samples, warnings } = await decode(bytes);
    expect(samples).toEqual(without(frame));
    const length = frame === FRAMES - 1 ? FRAME - 1000 : FRAME;
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: 'W_DAMAGED' });
    expect(warnings[0].message).toBe(
      `A damaged FLAC frame (${length} samples, the first at ${((frame * FRAME) / 16_000).toFixed(3)} s) became silence of the same length.`,
    );
  });

  it.each([0, 4, FRAMES - 1])('frame %i with its header gone costs that frame', async (frame) => {
    const bytes = await encoded();
    bytes.fill(0x55, frameStarts(bytes)[frame], frameStarts(bytes)[frame] + 12);
    expect((await decode(bytes)).samples).toEqual(without(frame));
  });

  it('counts frames that are damaged in a row, cut out, or apart', async () => {
    const bytes = await encoded();
    const starts = frameStarts(bytes);
    bytes.fill(0, starts[2] + 3, starts[4] - 9);
    bytes[starts[7] + 30]++;
    const damaged = Buffer.concat([bytes.subarray(0, starts[5]), bytes.subarray(starts[6])]);
    const { samples, warnings } = await decode(damaged);
    expect(samples).toEqual(without(2, 3, 5, 7));
    expect(warnings.map(({ message }) => message)).toEqual([
      `4 damaged FLAC frames (${4 * FRAME} samples, the first at 0.512 s) became silence of the same length.`,
    ]);
  });

  it('keeps its length with bytes put in between frames, which are told', async () => {
    const bytes = await encoded();
    const at = frameStarts(bytes)[3];
    const { samples, warnings } = await decode(
      Buffer.concat([bytes.subarray(0, at), Buffer.from('what is this?'), bytes.subarray(at)]),
    );
    expect(samples).toEqual(Array.from(original));
    expect(warnings.map(({ message }) => message)).toEqual([
      '13 bytes between FLAC frames were no audio and were left out.',
    ]);
  });

  it('that is cut off ends there, and says so', async () => {
    const bytes = await encoded();
    const { samples, warnings } = await decode(bytes.subarray(0, frameStarts(bytes)[6]));
    expect(samples).toEqual(Array.from(original.subarray(0, 6 * FRAME)));
    expect(warnings.map(({ code }) => code)).toEqual(['W_TRUNCATED']);
  });

  it('with another MD5 than its samples have says so', async () => {
    const bytes = await encoded();
    bytes[8 + 20] ^= 1;
    const { samples, warnings } = await decode(bytes);
    expect(samples).toEqual(Array.from(original));
    expect(warnings.map(({ code }) => code)).toEqual(['W_CHECKSUM']);
  });

  it('with no header at all, or with rubbish before it, is read from its first frame', async () => {
    const bytes = await encoded();
    const starts = frameStarts(bytes);
    const tail = Array.from(original.subarray(3 * FRAME));
    expect(await decode(bytes.subarray(starts[3]))).toEqual({ samples: tail, warnings: [] });
    const rubbish = Buffer.from('the end of another packet');
    expect((await decode(Buffer.concat([rubbish, bytes.subarray(starts[3])]))).samples).toEqual(tail);
  });

  it('whose header lies about bits, channels and length is believed where it is right', async () => {
    const bytes = await encoded();
    // 24 bits in place of 16, 1000 samples in place of 39 960.
    bytes[8 + 13] = (bytes[8 + 13] & 0x0f) | 0x70;
    bytes[8 + 12] |= 1;
    bytes.writeUInt32BE(1000, 8 + 14);
    const { samples, warnings } = await decode(bytes);
    expect(samples).toEqual(Array.from(original));
    expect(warnings.map(({ code }) => code)).toEqual(['W_HEADER', 'W_HEADER']);
  });

  it('that changes its format is refused in words', async () => {
    const bytes = await encoded();
    const other = readFileSync(join(import.meta.dirname, '../../fixtures/audio/flac-s16.flac'));
    await expect(decode(Buffer.concat([bytes, other.subarray(42)]))).rejects.toMatchObject({
      code: 'E_FORMAT_CHANGES',
      message: expect.stringContaining('from 16000 Hz, 1 channel, 16 bits to 16000 Hz, 2 channels, 16 bits'),
    });
  });

  it('makes no more silence than its bytes can stand for', async () => {
    const bytes = await encoded();
    // Half of the stream with numbers of frames far beyond the end.
    const starts = frameStarts(bytes);
    const { samples } = await decode(
      Buffer.concat([bytes.subarray(0, starts[5]), bytes.subarray(starts[9])]),
    );
    expect(samples).toEqual(without(5, 6, 7, 8));
    bytes.writeUInt32BE(0xffffffff, 8 + 14);
    expect((await decode(bytes)).samples).toHaveLength(LENGTH);
  });
});
