import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DenoiseError } from '../../../src/errors.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { type IqFileOptions, IqFileSource } from '../../../streams/sources/iq-file.js';
import { ManualClock } from '../../support/manual-clock.js';
import { chunk, fmt, wav } from '../../support/riff.js';
import { turns, until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iq-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Buffer | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function read(path: string, options: IqFileOptions = {}): Promise<IqChunk[]> {
  const source = await IqFileSource.open(path, options);
  const chunks: IqChunk[] = [];
  for await (const piece of source) chunks.push(piece as IqChunk);
  return chunks;
}

function values(chunks: IqChunk[]): number[] {
  return chunks.flatMap((piece) => [...piece.samples]);
}

const RAMP = Buffer.from(Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) & 255));
const FOUR = Buffer.from([1, 0, 2, 0]);

sourceConformance({
  name: 'IQ file',
  wanted: 10_000,
  open: async () => IqFileSource.open(await file('x_100M_250k.cu8', RAMP), { chunkSamples: 333 }),
});
sourceConformance({
  name: 'IQ file in a loop',
  wanted: 25_000,
  open: async () => IqFileSource.open(await file('x_100M_250k.cu8', RAMP), { loop: true }),
});

describe('IQ files', () => {
  it('gives every byte of a raw recording, whatever the chunk size', async () => {
    const path = await file('x_433.92M_250k.cu8', RAMP);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 50, max: 30_000 }), async (chunkSamples) => {
        const chunks = await read(path, { chunkSamples });
        expect(Buffer.from(values(chunks)).equals(RAMP)).toBe(true);
        expect(chunks.every((c) => c.centreHz === 433_920_000 && c.sampleRate === 250_000)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('reads each raw encoding by its extension', async () => {
    expect(values(await read(await file('a_1M_250k.cs8', Buffer.from([1, 255]))))).toEqual([1, -1]);
    expect(values(await read(await file('a_1M_250k.cs16', Buffer.from([1, 0, 255, 255]))))).toEqual([1, -1]);
    const floats = Buffer.from(Float32Array.of(0.5, -0.25).buffer);
    const path = await file('gqrx_20170101_120000_145500000_1800000_fc.raw', floats);
    const chunks = await read(path);
    expect(values(chunks)).toEqual([0.5, -0.25]);
    expect(chunks[0]).toMatchObject({ centreHz: 145_500_000, sampleRate: 1_800_000, format: 'cf32' });
  });

  it('takes the centre frequency of a WAV from its auxi chunk before its name', async () => {
    const auxi = Buffer.alloc(64);
    auxi.writeUInt32LE(145_500_000, 32);
    const bytes = wav(fmt(1, 2, 192_000, 16), chunk('auxi', auxi), chunk('data', FOUR));
    const [first] = await read(await file('SDRSharp_20170101_120000Z_7000000Hz_IQ.wav', bytes));
    expect(first).toMatchObject({ centreHz: 145_500_000, sampleRate: 192_000, format: 'cs16' });
  });

  it.each([
    ['HDSDR_20170101_120000Z_145500kHz_RF.wav', 145_500_000],
    ['SDRSharp_20170101_120000Z_145500000Hz_IQ.wav', 145_500_000],
    ['baseband_7100000Hz_12-00-00_01-01-2017.wav', 7_100_000],
    ['20191125T201640Z_7100000_station_iq.wav', 7_100_000],
    ['07-Oct-2018 182430.123 7.100MHz 000.wav', 7_100_000],
    ['band_7100k.wav', 7_100_000],
    ['anything.wav', 0],
  ])('reads the centre frequency from the name %s', async (name, hz) => {
    const [first] = await read(await file(name, wav(fmt(1, 2, 192_000, 16), chunk('data', FOUR))));
    expect(first!.centreHz).toBe(hz);
  });

  it('reads the centre frequency from the XML of SDR Console', async () => {
    const xml =
      '<?xml version="1.0"?><SDR-XML-Root><Definition RadioCenterFreq="7100000" SampleRate="48000"/></SDR-XML-Root>';
    for (const encoding of ['utf16le', 'utf8'] as const) {
      const auxi = chunk('auxi', Buffer.from(xml, encoding));
      const path = await file(
        `console-${encoding}.wav`,
        wav(fmt(1, 2, 48_000, 16), auxi, chunk('data', FOUR)),
      );
      expect((await read(path))[0]!.centreHz).toBe(7_100_000);
    }
  });

  it.each([
    ['x_250k.cu8', 0, 250_000],
    ['x_250k_433.92M.cu8', 433_920_000, 250_000],
    ['x_433.92M_2M.cu8', 433_920_000, 2_000_000],
    ['x_144470k_280k.cu8', 144_470_000, 280_000],
  ])('knows frequency and rate apart in %s', async (name, centreHz, sampleRate) => {
    const [first] = await read(await file(name, FOUR));
    expect(first).toMatchObject({ centreHz, sampleRate });
  });

  it('takes the rate it is given where the header has an impossible one, and whole hertz of a fraction', async () => {
    const path = await file('rate.wav', wav(fmt(1, 2, 0, 16), chunk('data', FOUR)));
    expect((await read(path, { sampleRate: 12_000 }))[0]!.sampleRate).toBe(12_000);
    await file('f.sigmf-data', FOUR);
    const meta = { 'core:datatype': 'cu8', 'core:sample_rate': 250_000.4 };
    const fraction = await file('f.sigmf-meta', Buffer.from(JSON.stringify({ global: meta })));
    expect((await read(fraction))[0]!.sampleRate).toBe(250_000);
    delete (meta as Partial<typeof meta>)['core:sample_rate'];
    const none = await file('f.sigmf-meta', Buffer.from(JSON.stringify({ global: meta })));
    expect((await read(none, { sampleRate: 8000 }))[0]!.sampleRate).toBe(8000);
  });

  it('refuses a pipe at once, instead of calling it empty or waiting for it', async () => {
    await expect(
      IqFileSource.open('/dev/zero', { encoding: 'cu8', sampleRate: 250_000 }),
    ).rejects.toMatchObject({
      code: 'E_NOT_A_FILE',
    });
  });

  it('joins the data chunks of a KiwiSDR recording', async () => {
    const parts = Array.from({ length: 40 }, (_, i) => [
      chunk('kiwi', Buffer.alloc(10)),
      chunk('data', RAMP.subarray(i * 40, i * 40 + 40)),
    ]).flat();
    const chunks = await read(await file('kiwi_1MHz.wav', wav(fmt(1, 2, 12_000, 16), ...parts)));
    const bytes = Buffer.concat(chunks.map((c) => Buffer.from(c.samples.buffer)));
    expect(bytes.equals(RAMP.subarray(0, 1600))).toBe(true);
  });

  it.each([
    [1, 24, Buffer.from([0, 0, 0x40, 0, 0, 0xc0])],
    [1, 32, Buffer.from(Int32Array.of(2 ** 30, -(2 ** 30)).buffer)],
    [3, 64, Buffer.from(Float64Array.of(0.5, -0.5).buffer)],
  ])('turns WAV samples of format %i with %i bits into floats', async (tag, bits, data) => {
    const path = await file(`w${bits}.wav`, wav(fmt(tag, 2, 48_000, bits), chunk('data', data)));
    expect(values(await read(path))).toEqual([0.5, -0.5]);
  });

  it('reads a WAV whose header was never completed', async () => {
    const data = chunk('data', RAMP.subarray(0, 400), 0);
    const path = await file('killed.wav', Buffer.concat([wav(fmt(1, 2, 48_000, 16)), data]));
    expect(values(await read(path))).toHaveLength(200);
  });

  it('follows a SigMF recording through its retunes', async () => {
    const meta = {
      global: { 'core:datatype': 'ci8', 'core:sample_rate': 1000, 'core:version': '1.0.0' },
      captures: [
        { 'core:sample_start': 0, 'core:frequency': 7e6 },
        { 'core:sample_start': 30, 'core:frequency': 14e6 },
      ],
    };
    await file('s.sigmf-data', RAMP.subarray(0, 160));
    const chunks = await read(await file('s.sigmf-meta', Buffer.from(JSON.stringify(meta))));
    expect(chunks.map((c) => [Number(c.firstSample), c.centreHz])).toEqual([
      [0, 7e6],
      [20, 7e6],
      [30, 14e6],
      [50, 14e6],
      [70, 14e6],
    ]);
  });

  it('plays in real time by the clock it is given', async () => {
    const clock = new ManualClock();
    const path = await file('p_1M_250k.cu8', RAMP);
    const source = await IqFileSource.open(path, { pace: 'realtime', clock, chunkSamples: 2500 });
    const starts: number[] = [];
    source.on('data', (c: IqChunk) => starts.push(Number(c.firstSample)));
    await until(() => clock.waiting > 0);
    clock.advance(9.9);
    await turns();
    expect(starts).toEqual([]);
    clock.advance(0.2);
    await until(() => clock.waiting > 0);
    expect(starts).toEqual([0]);
    clock.advance(10);
    await until(() => clock.waiting > 0);
    expect(starts).toEqual([0, 2500]);
    source.destroy();
  });

  it('marks the seam of a loop as a break without loss', async () => {
    const source = await IqFileSource.open(await file('l_1M_250k.cu8', RAMP.subarray(0, 200)), {
      loop: true,
    });
    const chunks: IqChunk[] = [];
    for await (const piece of source) if (chunks.push(piece as IqChunk) === 3) break;
    expect(chunks.map((c) => c.discontinuity?.lostSamples)).toEqual([undefined, 0n, 0n]);
    expect(chunks.map((c) => Number(c.firstSample))).toEqual([0, 100, 200]);
  });

  it('warns of half a sample at the end', async () => {
    const source = await IqFileSource.open(await file('odd_1M_250k.cs16', RAMP.subarray(0, 401)));
    const notices: unknown[] = [];
    source.on('notice', (notice) => notices.push(notice));
    source.resume();
    await until(() => source.readableEnded);
    expect(notices).toMatchObject([{ kind: 'warning', message: expect.stringContaining('last 1 bytes') }]);
  });

  it.each([
    ['missing.cu8', undefined, 'E_NOT_FOUND'],
    ['empty_1M_250k.cu8', Buffer.alloc(0), 'E_EMPTY'],
    ['norate.cu8', RAMP, 'E_IQ_RATE_UNKNOWN'],
    ['unknown.bin', RAMP, 'E_IQ_FORMAT_UNKNOWN'],
    ['text.wav', Buffer.from('this is no recording, only text'), 'E_NOT_WAV'],
    ['mono.wav', wav(fmt(1, 1, 48_000, 16), chunk('data', RAMP)), 'E_NOT_IQ'],
    ['zero.wav', wav(fmt(1, 2, 0, 16), chunk('data', RAMP)), 'E_IQ_RATE'],
    ['bad.sigmf-meta', Buffer.from('{'), 'E_SIGMF'],
    ['real.sigmf-meta', Buffer.from('{"global":{"core:datatype":"rf32_le"}}'), 'E_SIGMF'],
    ['proto.sigmf-meta', Buffer.from('{"global":{"core:datatype":"constructor"}}'), 'E_SIGMF'],
    ['packed.sigmf', RAMP, 'E_SIGMF'],
  ])('refuses %s with a plain error', async (name, bytes, code) => {
    const path = bytes === undefined ? join(folder, name) : await file(name, bytes);
    const error = await IqFileSource.open(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DenoiseError);
    expect(error).toMatchObject({ code });
  });

  it('reads or refuses any damaged WAV without a crash or a hang', async () => {
    const good = wav(fmt(1, 2, 48_000, 16), chunk('data', RAMP.subarray(0, 100)));
    const edit = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 8 }), fc.nat(good.length), async (edits, length) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of edits) bytes[at] = value;
        const path = await file('fuzz.wav', bytes.subarray(0, length));
        const outcome = await read(path).catch((error: unknown) => error);
        expect(Array.isArray(outcome) || outcome instanceof DenoiseError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
