import { existsSync, readFileSync } from 'node:fs';
import { link, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAudioOutput } from '../../src/audio/create.js';
import { decodeAudioFile } from '../../src/audio/decode.js';
import type { AudioFormat } from '../../src/audio/format.js';
import { openAudioInput } from '../../src/audio/open.js';
import { OutputError } from '../../src/errors.js';

const fixture = (name: string) => join(import.meta.dirname, '../fixtures/audio', name);
const mono: AudioFormat = { sampleRate: 8000, channels: 1, sampleFormat: 's16' };
const ramp = [Float32Array.from({ length: 1000 }, (_, i) => i / 1000)];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'denoise-create-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OutputError);
  return (error as OutputError).code;
}

async function copy(from: string, to: string | PassThrough): Promise<void> {
  const input = await openAudioInput(from);
  const output = await createAudioOutput(to, input.format, {
    metadata: input.metadata,
    frames: input.frames,
    inputs: [from],
  });
  for await (const chunk of input) await output.write(chunk.samples);
  expect(output.clipped).toBe(0);
  await output.commit();
}

describe('an unchanged recording', () => {
  it.each(['sox-s16.wav', 'sox-u8.wav', 'sox-f32.wav'])('%s is the same file, bit for bit', async (name) => {
    await copy(fixture(name), join(folder, name));
    expect(Buffer.compare(readFileSync(join(folder, name)), readFileSync(fixture(name)))).toBe(0);
  });

  it.each([
    'sox-f64.wav',
    'sox-s24-3ch.wav',
    'ffmpeg-5.1-s24.wav',
    'ffmpeg-f32-bext.wav',
    'ffmpeg-rf64.wav',
    'flac-s24-3ch.flac',
  ])('%s keeps format, samples and chunks', async (name) => {
    const path = join(folder, 'out.wav');
    await copy(fixture(name), path);
    const [before, after] = await Promise.all([openAudioInput(fixture(name)), openAudioInput(path)]);
    expect(after.format).toMatchObject(
      before.format.validBits ? before.format : { ...mono, ...formatOf(before.format) },
    );
    expect(await decodeAudioFile(path)).toEqual(await decodeAudioFile(fixture(name)));
    if (before.metadata) expect(after.metadata).toEqual(before.metadata);
    await Promise.all([before.close(), after.close()]);
  });

  it('keeps chunks on both sides of the samples', async () => {
    const original = readFileSync(fixture('sox-s16.wav'));
    const odd = Buffer.from('cue \x03\0\0\0abc\0smpl\x04\0\0\0wxyz', 'latin1');
    const path = join(folder, 'in.wav');
    const fmtEnd = 12 + 8 + 16;
    await writeFile(path, Buffer.concat([original.subarray(0, fmtEnd), odd, original.subarray(fmtEnd), odd]));
    await copy(path, join(folder, 'out.wav'));
    const output = await openAudioInput(join(folder, 'out.wav'));
    for await (const _ of output);
    const ids = { before: output.metadata!.before, after: output.metadata!.after };
    for (const chunks of Object.values(ids)) {
      expect(chunks.map((chunk) => [chunk.id, Buffer.from(chunk.data).toString('latin1')])).toEqual([
        ['cue ', 'abc'],
        ['smpl', 'wxyz'],
      ]);
    }
    expect(output.warnings).toEqual([]);
  });

  it.each(['sox-s16.wav', 'flac-unknown-length.flac'])('%s goes through a pipe', async (name) => {
    const pipe = new PassThrough();
    const bytes = buffer(pipe);
    await copy(fixture(name), pipe);
    pipe.end();
    const piped = await openAudioInput([await bytes]);
    expect(await decodeAudioFile([await bytes])).toEqual(await decodeAudioFile(fixture(name)));
    for await (const _ of piped);
    expect(piped.warnings).toEqual([]);
  });

  it('is raw PCM on demand', async () => {
    const path = join(folder, 'out.raw');
    const output = await createAudioOutput(path, mono, { raw: true });
    await output.write(ramp);
    await output.commit();
    expect(readFileSync(path).length).toBe(2000);
    const { channels } = await decodeAudioFile(path, { raw: mono });
    expect(channels[0][500]).toBe(0.5);
  });
});

function formatOf({ sampleRate, channels, sampleFormat }: AudioFormat): AudioFormat {
  return { sampleRate, channels, sampleFormat };
}

describe('nothing half-written, nothing destroyed', () => {
  it('has no file of the final name, and the old one untouched, until the commit', async () => {
    const path = join(folder, 'out.wav');
    await writeFile(path, 'old');
    const output = await createAudioOutput(path, mono);
    await output.write(ramp);
    expect(readFileSync(path, 'utf8')).toBe('old');
    await output.commit();
    expect((await decodeAudioFile(path)).channels[0].length).toBe(1000);
    expect(await readdir(folder)).toEqual(['out.wav']);
  });

  it('leaves nothing after an abort, and the old file as it was', async () => {
    const path = join(folder, 'out.wav');
    await writeFile(path, 'old');
    const output = await createAudioOutput(path, mono);
    await output.write(ramp);
    await output.abort();
    expect(await readdir(folder)).toEqual(['out.wav']);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('leaves nothing when the process exits in between', async () => {
    const before = new Set(process.listeners('exit'));
    await createAudioOutput(join(folder, 'out.wav'), mono);
    expect((await readdir(folder)).length).toBe(1);
    for (const listener of process.listeners('exit')) if (!before.has(listener)) listener.call(process, 0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses the input as output: the same path, a symbolic link, a hard link', async () => {
    const input = join(folder, 'in.wav');
    await writeFile(input, readFileSync(fixture('sox-s16.wav')));
    await symlink(input, join(folder, 'soft.wav'));
    await link(input, join(folder, 'hard.wav'));
    for (const name of ['in.wav', 'soft.wav', 'hard.wav', `../${folder.split('/').at(-1)}/in.wav`]) {
      expect(await codeOf(createAudioOutput(join(folder, name), mono, { inputs: [input] }))).toBe(
        'E_SAME_FILE',
      );
    }
    expect(Buffer.compare(readFileSync(input), readFileSync(fixture('sox-s16.wav')))).toBe(0);
  });

  it('writes through a symbolic link without replacing it', async () => {
    await writeFile(join(folder, 'real.wav'), 'old');
    await symlink(join(folder, 'real.wav'), join(folder, 'soft.wav'));
    const output = await createAudioOutput(join(folder, 'soft.wav'), mono);
    await output.write(ramp);
    await output.commit();
    expect((await decodeAudioFile(join(folder, 'real.wav'))).channels[0].length).toBe(1000);
  });

  it('names a folder that does not exist, a folder in place of a file, a reader that has gone', async () => {
    expect(await codeOf(createAudioOutput(join(folder, 'no/out.wav'), mono))).toBe('E_NO_FOLDER');
    expect(await codeOf(createAudioOutput(folder, mono))).toBe('E_IS_FOLDER');
    const pipe = new PassThrough();
    pipe.destroy();
    expect(await codeOf(createAudioOutput(pipe, mono))).toBe('E_PIPE_CLOSED');
  });

  it.skipIf(!existsSync('/dev/full'))('says that no space is left', async () => {
    expect(await codeOf(createAudioOutput('/dev/full', mono))).toBe('E_NO_SPACE');
    expect(existsSync('/dev/full')).toBe(true);
  });
});
