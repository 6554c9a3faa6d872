import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { jsonError, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

const installed = spawnSync('ffmpeg', ['-version']).status === 0;

function ffmpeg(...args: string[]): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args]);
  if (status !== 0) throw new Error(stderr.toString());
}

describe.skipIf(!installed)('what only ffmpeg reads (skipped where it is not installed)', () => {
  const work = useWorkspace();

  it('AAC keeps its length', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(0.7)]));
    ffmpeg('-i', work.at('talk.wav'), '-c:a', 'aac', work.at('talk.m4a'));
    const { code, stderr } = await runDenoise([work.at('talk.m4a'), '--model', work.model]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { channels } = await decodeAudioFile(work.at('talk.denoised.wav'));
    expect(channels[0]).toHaveLength(11_200);
  });

  it('a video keeps its picture to the bit, and gets new sound', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(1)]));
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=1'];
    ffmpeg(...picture, '-i', work.at('talk.wav'), '-c:v', 'mpeg4', '-c:a', 'aac', work.at('clip.mp4'));
    const { code, stderr } = await runDenoise([work.at('clip.mp4'), '--model', work.model]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await readdir(work.folder)).sort()).toEqual(['clip.denoised.mp4', 'clip.mp4', 'talk.wav']);
    const pictures = ['clip.mp4', 'clip.denoised.mp4'].map((name) => {
      ffmpeg('-i', work.at(name), '-map', '0:v', '-c', 'copy', '-f', 'm4v', work.at('picture'));
      return readFile(work.at('picture'));
    });
    expect(await pictures[1]).toEqual(await pictures[0]);
    const [before, after] = await Promise.all(
      ['clip.mp4', 'clip.denoised.mp4'].map((name) => decodeAudioFile(work.at(name))),
    );
    const energy = (samples: Float32Array) => samples.reduce((sum, x) => sum + x * x, 0);
    expect(after.channels[0].length).toBe(before.channels[0].length);
    // The stand-in halves.
    expect(energy(after.channels[0]) / energy(before.channels[0])).toBeCloseTo(0.25, 1);
  });

  it('a video without sound is refused in a sentence', async () => {
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=64x48:rate=10:duration=1',
      '-c:v',
      'mpeg4',
      work.at('clip.mp4'),
    );
    const finished = await runDenoise([work.at('clip.mp4'), '--json', '--model', work.model]);
    expect(finished.code).toBe(1);
    expect(jsonError(finished).code).toBe('E_NO_AUDIO_TRACK');
  });
});

describe('where ffmpeg is not installed', () => {
  const work = useWorkspace();

  it('one sentence names it', async () => {
    await writeFile(work.at('talk.m4a'), Buffer.from('\0\0\0\x1cftypM4A \0\0\0\0', 'latin1'));
    const env = { ...process.env, PATH: dirname(work.model) };
    const finished = await runDenoise([work.at('talk.m4a'), '--json'], { spawn: { env } });
    expect(finished.code).toBe(1);
    expect(jsonError(finished)).toMatchObject({
      code: 'E_NO_FFMPEG',
      hint: expect.stringContaining('Install ffmpeg'),
    });
  });
});
