import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { synthesisedMusic } from '../support/music.js';
import { runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { STAND_IN_GAIN } from './support/stand-in-model.js';
import { parseWav, wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

const RATE = 16_000;

describe('denoise --music', () => {
  const work = useWorkspace();
  const music = Float64Array.from(synthesisedMusic(8, RATE));

  async function denoised(sound: Float64Array, ...options: string[]) {
    await writeFile(work.at('band.wav'), wavBytes([sound], { format: 'f32' }));
    const { code, stdout } = await runDenoise([
      work.at('band.wav'),
      '--force',
      '--model',
      work.model,
      ...options,
    ]);
    expect(code).toBe(0);
    return {
      said: stdout.toString(),
      sound: parseWav(await readFile(work.at('band.denoised.wav'))).samples[0],
    };
  }

  it('leaves music in, and says what to do where that is not wanted', async () => {
    const { said, sound } = await denoised(music);
    expect(said).toMatch(/looks like music: \d\.\d s of 8\.0 s left as they are; use --music off/);
    let taken = 0;
    let whole = 0;
    for (let n = 4 * RATE; n < 8 * RATE; n++) {
      taken += (sound[n] - music[n]) ** 2;
      whole += music[n] ** 2;
    }
    // The model takes a quarter of the power.
    expect(taken / whole).toBeLessThan(0.05);
  });

  it('denoises it all the same with --music off', async () => {
    const { said, sound } = await denoised(music, '--music', 'off');
    expect(said).not.toContain('music:');
    for (let n = 4 * RATE; n < 8 * RATE; n += 97) expect(sound[n]).toBeCloseTo(STAND_IN_GAIN * music[n], 4);
  });

  it('knows music at a strength of a third as well, and tells programs for how long it was left in', async () => {
    const { said } = await denoised(music, '--strength', '0.33', '--json');
    expect(JSON.parse(said).files[0].musicSeconds).toBeGreaterThan(5);
    const other = await denoised(noisyTone(4), '--json');
    expect(JSON.parse(other.said).files[0].musicSeconds).toBe(0);
  });
});
