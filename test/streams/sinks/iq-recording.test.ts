import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { IqRecording } from '../../../streams/sinks/iq-recording.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { IqFileSource } from '../../../streams/sources/iq-file.js';

const folder = mkdtempSync(join(tmpdir(), 'iq-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

const chunk = (first: number, samples: Int16Array, extra: Partial<IqChunk> = {}): IqChunk => ({
  samples,
  format: 'cs16',
  sampleRate: 48_000,
  centreHz: 7_100_000,
  firstSample: BigInt(first),
  ...extra,
});
const ramp = (from: number, count: number) => Int16Array.from({ length: 2 * count }, (_, n) => from + n);

async function record(name: string, chunks: IqChunk[]): Promise<IqChunk[]> {
  const recording = await IqRecording.open(join(folder, name));
  const passed: IqChunk[] = [];
  recording.on('data', (one: IqChunk) => passed.push(one));
  Readable.from(chunks).pipe(recording);
  await finished(recording);
  return passed;
}

describe('a recording of radio samples', () => {
  it('lets the samples pass, and gives them again when it is played, centre frequencies too', async () => {
    const chunks = [
      chunk(0, ramp(0, 100)),
      chunk(100, ramp(200, 50), { centreHz: 7_200_000 }),
      chunk(250, ramp(300, 50), {
        centreHz: 7_200_000,
        discontinuity: { lostSamples: 100n, reason: 'unplugged' },
      }),
    ];
    expect(await record('band.sigmf-meta', chunks)).toEqual(chunks);
    const source = await IqFileSource.open(join(folder, 'band.sigmf-data'), { pace: 'fast' });
    expect(source.sampleRate).toBe(48_000);
    const played: IqChunk[] = [];
    for await (const one of source) played.push(one as IqChunk);
    expect(played.flatMap(({ samples }) => [...samples])).toEqual([...ramp(0, 200)]);
    expect([...new Set(played.map(({ centreHz }) => centreHz))]).toEqual([7_100_000, 7_200_000]);
    const { captures } = JSON.parse(readFileSync(join(folder, 'band.sigmf-meta'), 'utf8'));
    expect(
      captures.map((one: Record<string, number>) => [one['core:sample_start'], one['core:global_index']]),
    ).toEqual([
      [0, 0],
      [100, 100],
      [150, 250],
    ]);
  });

  it.each(['cu8', 'cs8', 'cs16', 'cf32'] as const)(
    'keeps %s in WAV files, each with one centre frequency and no gap',
    async (format) => {
      const arrays = { cu8: Uint8Array, cs8: Int8Array, cs16: Int16Array, cf32: Float32Array };
      const samples = (from: number) =>
        arrays[format].from(
          Array.from({ length: 200 }, (_, n) => (format === 'cf32' ? (from + n) / 512 : (from + n) % 100)),
        );
      const of = (first: number, more: Partial<IqChunk> = {}) =>
        chunk(first, new Int16Array(0), { format, samples: samples(first), ...more });
      const moved = { centreHz: 7_200_000 };
      const lost = { discontinuity: { lostSamples: 100n, reason: 'unplugged' } };
      const chunks = [of(0), of(100), of(200, moved), of(400, { ...moved, ...lost })];
      expect(await record(`${format}.wav`, chunks)).toEqual(chunks);
      const play = async (name: string) => {
        const source = await IqFileSource.open(join(folder, name), { pace: 'fast' });
        const played: IqChunk[] = [];
        for await (const one of source) played.push(one as IqChunk);
        const scale = format === 'cs8' ? 1 / 256 : 1;
        const values = played.flatMap((one) => [...one.samples].map((value) => value * scale));
        return { values, centreHz: played[0].centreHz, rate: source.sampleRate };
      };
      const values = (...from: number[]) => from.flatMap((first) => [...samples(first)]);
      const rate = 48_000;
      expect(await play(`${format}.wav`)).toEqual({ rate, values: values(0, 100), centreHz: 7_100_000 });
      expect(await play(`${format}-0002.wav`)).toEqual({ rate, values: values(200), centreHz: 7_200_000 });
      expect(await play(`${format}-0003.wav`)).toEqual({ rate, values: values(400), centreHz: 7_200_000 });
    },
  );

  it('replaces nothing unless told to', async () => {
    await record('twice', [chunk(0, ramp(0, 1))]);
    await expect(IqRecording.open(join(folder, 'twice'))).rejects.toMatchObject({ code: 'E_EXISTS' });
    const again = await IqRecording.open(join(folder, 'twice'), { overwrite: true });
    again.destroy();
  });

  it('ends with an error where the rate changes', async () => {
    const changed = [chunk(0, ramp(0, 1)), chunk(1, ramp(2, 1), { sampleRate: 96_000 })];
    await expect(record('rate', changed)).rejects.toMatchObject({ code: 'E_IQ_FORMAT' });
  });
});
