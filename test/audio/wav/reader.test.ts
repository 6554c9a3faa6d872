import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AudioInput, openAudioInput } from '../../../src/audio/open.js';
import { METADATA_LIMIT } from '../../../src/audio/tags.js';
import { InputError } from '../../../src/errors.js';

function chunk(id: string, data: Uint8Array, size = data.length): Buffer {
  const head = Buffer.from(`${id}....`, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, data]);
}

const riff = (...chunks: Uint8Array[]) => {
  const body = Buffer.concat(chunks);
  return Buffer.concat([chunk('RIFF', Buffer.from('WAVE'), 4 + body.length), body]);
};

/** WAVEFORMAT of `tag`, or WAVEFORMATEXTENSIBLE where a sub-format tag is given. */
function fmt(
  tag: number,
  channels: number,
  rate: number,
  bits: number,
  size = Math.ceil(bits / 8),
  sub?: number,
  valid = bits,
) {
  const data = Buffer.alloc(sub === undefined ? 16 : 40);
  data.writeUInt16LE(sub === undefined ? tag : 0xfffe, 0);
  data.writeUInt16LE(channels, 2);
  data.writeUInt32LE(rate, 4);
  data.writeUInt32LE((rate * channels * size) >>> 0, 8);
  data.writeUInt16LE((channels * size) & 0xffff, 12);
  data.writeUInt16LE(bits, 14);
  if (sub !== undefined) {
    data.writeUInt16LE(22, 16);
    data.writeUInt16LE(valid, 18);
    data.writeUInt16LE(sub, 24);
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(data, 26);
  }
  return chunk('fmt ', data);
}

const int16 = (...codes: number[]) => Buffer.from(Int16Array.from(codes).buffer);
const float32 = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const mono16 = fmt(1, 1, 8000, 16);

async function read(
  bytes: Uint8Array | string,
): Promise<{ input: AudioInput; samples: number[][]; codes: string[] }> {
  const input = await openAudioInput(typeof bytes === 'string' ? bytes : [bytes]);
  const samples: number[][] = Array.from({ length: input.format.channels }, () => []);
  for await (const block of input) block.samples.forEach((channel, c) => void samples[c].push(...channel));
  return { input, samples, codes: input.warnings.map((warning) => warning.code) };
}

async function refusal(bytes: Uint8Array): Promise<InputError> {
  const error = await read(bytes).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe('formats', () => {
  it('reads extensible float as float, and its valid bits of integers', async () => {
    const float = await read(riff(fmt(0, 1, 48000, 32, 4, 3), chunk('data', float32(0.25, -2))));
    expect(float.input.format).toEqual({ sampleRate: 48000, channels: 1, sampleFormat: 'f32' });
    expect(float.samples).toEqual([[0.25, -2]]);
    const codes = Buffer.from(Int32Array.of(1 << 30, -(1 << 8)).buffer);
    const integer = await read(riff(fmt(0, 1, 48000, 32, 4, 1, 24), chunk('data', codes)));
    expect(integer.input.format).toEqual({
      sampleRate: 48000,
      channels: 1,
      sampleFormat: 's32',
      validBits: 24,
    });
    expect(integer.samples).toEqual([[0.5, -1 / 2 ** 23]]);
  });

  it('reads 20 bits in 3 bytes and 12 bits in 2', async () => {
    const twenty = await read(riff(fmt(1, 1, 8000, 20), chunk('data', Uint8Array.of(0, 0, 0x40, 0))));
    expect(twenty.input.format).toMatchObject({ sampleFormat: 's24', validBits: 20 });
    expect(twenty.samples).toEqual([[0.5]]);
    const twelve = await read(riff(fmt(1, 1, 8000, 12), chunk('data', int16(0x4000))));
    expect(twelve.input.format).toMatchObject({ sampleFormat: 's16', validBits: 12 });
  });

  it('reads 64 channels', async () => {
    const codes = Array.from({ length: 128 }, (_, i) => i * 256);
    const { samples } = await read(riff(fmt(1, 64, 8000, 16), chunk('data', int16(...codes))));
    expect(samples.map((channel) => channel.map((x) => x * 128))).toEqual(
      Array.from({ length: 64 }, (_, c) => [c, c + 64]),
    );
  });

  it.each([
    ['no channel', fmt(1, 0, 8000, 16), 'E_ZERO_CHANNELS'],
    ['0 Hz', fmt(1, 1, 0, 16), 'E_ZERO_RATE'],
    ['4 GHz', fmt(1, 1, 4e9, 16), 'E_RATE'],
    ['60 000 channels', fmt(1, 60000, 8000, 16), 'E_TOO_MANY_CHANNELS'],
    ['0 bits', fmt(1, 1, 8000, 0, 0), 'E_UNSUPPORTED'],
    ['16-bit floats', fmt(3, 1, 8000, 16), 'E_UNSUPPORTED'],
    ['MP3', fmt(0x55, 2, 44100, 0, 1), 'E_UNSUPPORTED'],
    ['a format of 6 bytes', chunk('fmt ', Buffer.alloc(6)), 'E_CORRUPT'],
    ['a format of 2 GB', chunk('fmt ', Buffer.alloc(16), 2 ** 31), 'E_CORRUPT'],
    ['no format', chunk('LIST', Buffer.alloc(4)), 'E_CORRUPT'],
  ])('refuses %s', async (_, format, code) => {
    expect((await refusal(riff(format, chunk('data', int16(1, 2))))).code).toBe(code);
  });
});

describe('chunks', () => {
  it('takes chunks before the format, of odd length, with and without their pad byte', async () => {
    const padded = Buffer.concat([chunk('LIST', Buffer.from('abc')), Buffer.alloc(1)]);
    const unpadded = chunk('id3 ', Buffer.from('hello'));
    const { samples, input, codes } = await read(
      riff(padded, unpadded, mono16, unpadded, chunk('data', int16(1, 2)), padded, unpadded),
    );
    expect(samples).toEqual([[1 / 32768, 2 / 32768]]);
    expect(input.metadata!.before.map(({ id }) => id)).toEqual(['LIST', 'id3 ', 'id3 ']);
    expect(input.metadata!.after.map(({ data }) => Buffer.from(data).toString())).toEqual(['abc', 'hello']);
    expect(codes).toEqual([]);
  });

  it('joins several data chunks, as receivers on the web write them', async () => {
    const block = (k: number) => [chunk('kiwi', Buffer.alloc(10)), chunk('data', int16(k, k + 1))];
    const { samples, input } = await read(riff(mono16, ...block(0), ...block(2), ...block(4)));
    expect(samples[0].map((x) => x * 32768)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(input.metadata).toMatchObject({ before: [], after: [] });
  });

  it.each([0, 0xffffffff, 0x7fffffff, 0x7ffff000, 0x80000000])(
    'reads to the end where the size says %d',
    async (size) => {
      const { samples, codes } = await read(riff(mono16, chunk('data', int16(7, -7, 9), size)));
      expect(samples[0].map((x) => x * 32768)).toEqual([7, -7, 9]);
      expect(codes).toEqual([]);
    },
  );

  it('has no audio where the size says 0 and a chunk or nothing follows', async () => {
    for (const tail of [chunk('LIST', Buffer.alloc(4)), Buffer.alloc(0)]) {
      const { samples } = await read(riff(mono16, chunk('data', Buffer.alloc(0)), tail));
      expect(samples).toEqual([[]]);
    }
  });

  it('takes the 64-bit size of RF64, and a list behind it', async () => {
    const ds64 = Buffer.alloc(28);
    ds64.writeBigUInt64LE(4n, 8);
    const file = riff(
      chunk('ds64', ds64),
      mono16,
      chunk('data', int16(3, 4), 0xffffffff),
      chunk('LIST', Buffer.alloc(4)),
    );
    file.write('RF64', 'latin1');
    const { samples, input } = await read(file);
    expect(samples[0].length).toBe(2);
    expect(input.metadata!.after.length).toBe(1);
  });

  it('leaves out bytes behind the last chunk, such as an ID3v1 tag of odd place', async () => {
    const { samples, codes } = await read(riff(mono16, chunk('data', int16(3, 4)), Buffer.alloc(20, 0xff)));
    expect(samples[0].length).toBe(2);
    expect(codes).toEqual(['W_TRAILING_BYTES']);
  });
});

describe('memory', () => {
  it('believes no header of 100 bytes that claims 4 GB', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'denoise-wav-'));
    const before = process.memoryUsage().arrayBuffers;
    for (const id of ['data', 'LIST', 'bext']) {
      const file = riff(mono16, chunk(id, int16(1, 2, 3), 0xfffffff0), Buffer.alloc(50));
      await writeFile(join(folder, 'claim.wav'), file.subarray(0, 100));
      for (const source of [join(folder, 'claim.wav'), file.subarray(0, 100)]) {
        const outcome = await read(source).catch((error: unknown) => error);
        if (id === 'data')
          expect(outcome).toMatchObject({ codes: ['W_TRUNCATED'], samples: [{ length: 28 }] });
        else expect(outcome).toMatchObject({ code: 'E_TRUNCATED' });
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4e6);
    await rm(folder, { recursive: true });
  });

  it('keeps no more metadata than its limit, says so, and still finds the samples', async () => {
    const half = chunk('iXML', Buffer.alloc(METADATA_LIMIT / 2 + 2));
    const { input, samples, codes } = await read(riff(mono16, half, half, chunk('data', int16(5))));
    expect(input.metadata!.before.length).toBe(1);
    expect(samples[0].length).toBe(1);
    expect(codes).toEqual(['W_METADATA_DROPPED']);
  });
});

describe('samples that are not numbers', () => {
  const file = (...values: number[]) => riff(fmt(3, 1, 8000, 32), chunk('data', float32(...values)));

  it('become silence, counted, with the place of the first', async () => {
    const { samples, input } = await read(file(...Array(80).fill(0.5), Number.NaN, Infinity, -Infinity, 0.5));
    expect(samples[0].slice(79)).toEqual([0.5, 0, 0, 0, 0.5]);
    expect(input.warnings).toEqual([
      { code: 'W_NAN_SAMPLES', message: expect.stringMatching(/^3 samples .* at 0\.010 s\.$/) },
    ]);
  });

  it('are refused where they are the most', async () => {
    expect((await refusal(file(Number.NaN, 0.5, Number.NaN))).code).toBe('E_NAN_SAMPLES');
  });
});
