import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createAudioOutput } from '../../src/audio/create.js';
import { integerFormat } from '../../src/audio/format.js';
import { openAudioInput } from '../../src/audio/open.js';
import { jsonError, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

/** Codes of `bits` bits, with the lowest in use. */
function codes(bits: number, seed: number): Float64Array {
  return noisyTone(0.6, 16_000, seed).map((x) => Math.floor(x * 2 ** (bits - 1)) / 2 ** (bits - 1));
}

async function writeFlac(path: string, bits: number): Promise<void> {
  const tags = { comments: ['TITLE=A talk', 'ARTIST=Someone'], pictures: [Buffer.alloc(50, 7)] };
  const format = integerFormat(16_000, 2, bits);
  const output = await createAudioOutput(path, format, { container: 'flac', tags });
  await output.write([codes(bits, 1), codes(bits, 2)]);
  await output.commit();
}

async function read(path: string) {
  const input = await openAudioInput(path);
  const blocks: Float64Array[][] = [];
  for await (const block of input.exactBlocks()) blocks.push(block);
  const channels = blocks[0].map((_, c) => blocks.flatMap((block) => Array.from(block[c])));
  return { input, channels };
}

describe('denoise, by the kind of file', () => {
  const work = useWorkspace();

  it.each([12, 16, 20, 32])(
    'FLAC of %i bits at strength 0: every bit, FLAC again, tags kept',
    async (bits) => {
      await writeFlac(work.at('talk.flac'), bits);
      const { code, stderr } = await runDenoise([work.at('talk.flac'), '-s', '0', '--model', work.model]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect((await readdir(work.folder)).sort()).toEqual(['talk.denoised.flac', 'talk.flac']);
      const { input, channels } = await read(work.at('talk.denoised.flac'));
      expect(input.warnings).toEqual([]);
      expect(input.container).toBe('flac');
      expect(input.format).toEqual(integerFormat(16_000, 2, bits));
      expect(input.tags?.comments).toEqual(['TITLE=A talk', 'ARTIST=Someone', 'DENOISED_FROM=talk.flac']);
      expect(input.tags?.pictures.map((picture) => picture.length)).toEqual([50]);
      expect(channels).toEqual([Array.from(codes(bits, 1)), Array.from(codes(bits, 2))]);
    },
  );

  it('writes what the name or --format asks for, with the bits that --bits asks for', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(0.5)], { format: 'f32' }));
    await runDenoise([work.at('talk.wav'), '-o', work.at('a.flac'), '--model', work.model]);
    await runDenoise([work.at('talk.wav'), '--format', 'flac', '--bits', '20', '--model', work.model]);
    await runDenoise([work.at('a.flac'), '-o', work.at('b.wav'), '--bits', '16', '--model', work.model]);
    const found = await Promise.all(
      ['a.flac', 'talk.denoised.flac', 'b.wav'].map((name) => read(work.at(name))),
    );
    expect(found.map(({ input }) => [input.container, input.format])).toEqual([
      ['flac', integerFormat(16_000, 1, 24)],
      ['flac', integerFormat(16_000, 1, 20)],
      ['wav', integerFormat(16_000, 1, 16)],
    ]);
    expect(found.map(({ channels }) => channels[0].length)).toEqual([8000, 8000, 8000]);
  });

  it('refuses a name whose kind it cannot write', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(0.2)]));
    const finished = await runDenoise([work.at('talk.wav'), '-o', work.at('x.mp3'), '--json']);
    expect(finished.code).toBe(2);
    expect(jsonError(finished)).toMatchObject({ code: 'E_OUTPUT_FORMAT' });
    expect(await readdir(work.folder)).toEqual(['talk.wav']);
  });

  it('limits absurd samples, says how many, and gives finite ones', async () => {
    const sound = noisyTone(0.5).map((x, n) => (n === 3000 ? 1e38 : x));
    await writeFile(work.at('talk.wav'), wavBytes([sound], { format: 'f32' }));
    // The model that ships: the stand-in does not square.
    const { code, stderr } = await runDenoise([work.at('talk.wav')]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /1 samples more than 120 dB above full scale were limited to that, the first at 0\.188 s/,
    );
    const { channels } = await read(work.at('talk.denoised.wav'));
    expect(channels[0]).toHaveLength(8000);
    expect(channels[0].every(Number.isFinite)).toBe(true);
  });
});
