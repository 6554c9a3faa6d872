import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { jsonError, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

const work = useWorkspace();

describe('denoise devices', () => {
  it('finds the processor usable, and says which one auto takes', async () => {
    const { code, stdout, stderr } = await runDenoise(['devices', '--model', work.model, '--json']);
    // Drivers and the runtime have nothing to say where hardware is missing.
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { devices } = JSON.parse(stdout.toString()) as {
      devices: { device: string; usable: boolean; auto: boolean }[];
    };
    expect(devices).toContainEqual({ device: 'cpu', usable: true, auto: true });
    expect(devices.filter(({ auto }) => auto)).toHaveLength(1);
  });
});

describe('denoise eval', () => {
  it('scores before and after', async () => {
    await mkdir(work.at('clean'));
    await mkdir(work.at('noisy'));
    const [speech, noise] = [noisyTone(2, 16_000, 1), noisyTone(2, 16_000, 2)];
    await writeFile(work.at('clean', 'a.wav'), wavBytes([speech]));
    await writeFile(work.at('noisy', 'a.wav'), wavBytes([speech.map((value, n) => value + 0.5 * noise[n])]));
    await writeFile(work.at('noisy', 'alone.wav'), wavBytes([noise]));
    // A result of this program is of the recording that it is named after.
    await writeFile(work.at('noisy', 'b.denoised.wav'), wavBytes([speech]));
    await writeFile(work.at('clean', 'b.wav'), wavBytes([noise]));
    const args = ['eval', '--clean', work.at('clean'), '--noisy', work.at('noisy'), '--model', work.model];
    const { code, stdout, stderr } = await runDenoise([...args, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { files, mean, change } = JSON.parse(stdout.toString());
    expect(files.map(({ file }: { file: string }) => file)).toEqual(['a.wav', 'b.denoised.wav']);
    // Half the level changes nothing for measures that do not look at the level.
    expect(mean.after.siSdr).toBeCloseTo(mean.before.siSdr, 3);
    expect(mean.after.estoi).toBeCloseTo(mean.before.estoi, 3);
    expect(change.siSdr.mean).toBeCloseTo(mean.after.siSdr - mean.before.siSdr, 9);
    expect(files[0].before.siSdr).toBeGreaterThan(-5);
    expect(files[0].before.siSdr).toBeLessThan(20);
    const lines = (await runDenoise(args)).stdout.toString().trimEnd().split('\n');
    expect(lines.map((line) => line.split('  ')[0])).toEqual([
      'recording',
      'a.wav',
      'b.denoised.wav',
      'mean of 2',
      'change (95 %)',
    ]);
    expect(lines[1]).toMatch(/^a\.wav +-?\d+\.\d\d → -?\d+\.\d\d +0\.\d{3} → 0\.\d{3} /);
  });

  it('says when nothing fits together', async () => {
    await mkdir(work.at('clean'));
    await writeFile(work.at('clean', 'a.wav'), wavBytes([noisyTone(1)]));
    await writeFile(work.at('b.wav'), wavBytes([noisyTone(1)]));
    const finished = await runDenoise([
      'eval',
      '--clean',
      work.at('clean'),
      '--noisy',
      work.at('b.wav'),
      '--json',
    ]);
    expect(finished.code).toBe(1);
    expect(jsonError(finished).code).toBe('E_NO_PAIRS');
  });
});
