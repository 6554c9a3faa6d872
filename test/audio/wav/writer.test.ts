import { describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../../src/audio/decode.js';
import type { AudioFormat } from '../../../src/audio/format.js';
import { openAudioInput } from '../../../src/audio/open.js';
import { WavWriter } from '../../../src/audio/wav/writer.js';
import { MemoryTarget } from '../../support/memory-target.js';

const block = [Float32Array.from({ length: 301 }, (_, i) => Math.sin(i / 5))];
const formats: AudioFormat[] = [
  { sampleRate: 8000, channels: 1, sampleFormat: 'u8' },
  { sampleRate: 44100, channels: 1, sampleFormat: 's16' },
  { sampleRate: 192000, channels: 1, sampleFormat: 's24' },
  { sampleRate: 48000, channels: 1, sampleFormat: 's32' },
  { sampleRate: 48000, channels: 1, sampleFormat: 'f32' },
  { sampleRate: 48000, channels: 1, sampleFormat: 'f64' },
  { sampleRate: 48000, channels: 1, sampleFormat: 's24', validBits: 20 },
  { sampleRate: 16000, channels: 7, sampleFormat: 's16' },
];
const planar = (format: AudioFormat) => Array.from({ length: format.channels }, () => block[0]);

async function framesIn(bytes: Uint8Array): Promise<{ frames: number; warnings: string[] }> {
  const input = await openAudioInput([bytes]);
  let frames = 0;
  for await (const chunk of input) frames += chunk.samples[0].length;
  return { frames, warnings: input.warnings.map((warning) => warning.code) };
}

describe.each(formats)('WAV of $channels × $sampleFormat at $sampleRate Hz', (format) => {
  it('reads back with its format, length and no warning', async () => {
    for (const frames of [undefined, 602]) {
      const memory = new MemoryTarget();
      const writer = await WavWriter.create(memory, format, { frames });
      await writer.write(planar(format));
      await writer.write(planar(format));
      await writer.finish();
      const input = await openAudioInput([memory.bytes]);
      expect(input.format).toEqual(format);
      await input.close();
      expect(await framesIn(memory.bytes)).toEqual({ frames: 602, warnings: [] });
      expect(memory.bytes.readUInt32LE(4)).toBe(memory.bytes.length - 8);
    }
  });

  it('becomes RF64 above the limit of RIFF', async () => {
    const memory = new MemoryTarget();
    const writer = await WavWriter.create(memory, format, { riffLimit: 500 });
    for (let i = 0; i < 4; i++) await writer.write(planar(format));
    await writer.finish();
    expect(memory.bytes.toString('latin1', 0, 4)).toBe('RF64');
    expect(memory.bytes.readUInt32LE(4)).toBe(0xffffffff);
    expect(memory.bytes.toString('latin1', 12, 16)).toBe('ds64');
    expect(memory.bytes.readBigUInt64LE(20)).toBe(BigInt(memory.bytes.length - 8));
    expect(memory.bytes.readBigUInt64LE(36)).toBe(1204n);
    expect(await framesIn(memory.bytes)).toEqual({ frames: 1204, warnings: [] });
  });

  it('is a valid file at every moment after syncHeader', async () => {
    const memory = new MemoryTarget();
    const writer = await WavWriter.create(memory, format);
    expect(await framesIn(memory.bytes)).toEqual({ frames: 0, warnings: [] });
    for (let i = 1; i <= 3; i++) {
      await writer.write(planar(format));
      await writer.syncHeader();
      expect(await framesIn(memory.bytes)).toEqual({ frames: 301 * i, warnings: [] });
    }
  });
});

describe('WAV on a pipe', () => {
  it('declares an unknown length, or the one announced', async () => {
    const format = formats[1];
    for (const frames of [undefined, 301]) {
      const memory = new MemoryTarget();
      const writer = await WavWriter.create({ write: (bytes) => memory.write(bytes) }, format, { frames });
      await writer.write(block);
      await writer.finish();
      expect(memory.bytes.readUInt32LE(40)).toBe(frames === undefined ? 0xffffffff : 602);
      expect((await decodeAudioFile([memory.bytes])).channels[0].length).toBe(301);
    }
  });
});
