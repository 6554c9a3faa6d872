import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { parseWav, wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

interface Report {
  files: {
    adaptation?: { tuned: boolean; reason: string; noiseSeconds: number; report?: { checks: unknown[] } };
  }[];
}

describe('denoise FILE --adapt', () => {
  const work = useWorkspace();
  const talk = join(packageRoot, 'assets', 'noisy-speech.wav');

  it('tunes the model to the noise of a recording, judges it, and writes the better result', async () => {
    await copyFile(talk, work.at('talk.wav'));
    const { code, stdout, stderr } = await runDenoise([
      work.at('talk.wav'),
      '--model',
      'base',
      '--adapt',
      '2',
      '--json',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { adaptation } = (JSON.parse(stdout.toString()) as Report).files[0];
    expect(adaptation!.noiseSeconds).toBeGreaterThan(1.5);
    expect(adaptation!.reason).toMatch(/dB SI-SDR in held-out noise of the recording/);
    expect(adaptation!.report!.checks.length).toBeGreaterThan(5);
    const clean = parseWav(await readFile(work.at('talk.denoised.wav')));
    expect(clean.samples[0]).toHaveLength(parseWav(await readFile(talk)).samples[0].length);
  }, 600_000);

  it('says why it left the model as it was', async () => {
    await copyFile(talk, work.at('short.wav'));
    const { code, stdout } = await runDenoise([
      work.at('short.wav'),
      '--model',
      'base',
      '--noise-from',
      '0:00-0:01',
    ]);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(
      /not tuned: only 1\.0 s of noise without speech was found, and 1\.5 s are needed/,
    );
  }, 300_000);

  it.each([
    [['-', '--adapt'], 'E_ADAPT_PIPE', 2],
    [['tone.wav', '--noise-from', '5-3'], undefined, 2],
    [['tone.wav', '--replay', '.'], 'E_REPLAY', 2],
    [['tone.wav', '--adapt', '2', '--replay', 'nowhere', '--model', 'base'], 'E_REPLAY', 1],
    [['tone.wav', '--noise-from', '1:00-1:02', '--model', 'base'], 'E_NOISE_FROM', 1],
  ])('refuses %j', async (words, code, exit) => {
    await writeFile(work.at('tone.wav'), wavBytes([noisyTone(0.5)], { format: 's16' }));
    const result = await runDenoise([...words, '--json'], { spawn: { cwd: work.folder } });
    expect(result.code).toBe(exit);
    if (code !== undefined) expect(result.stderr).toContain(code);
  });
});
