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
