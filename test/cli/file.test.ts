import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { STAND_IN_GAIN } from './support/stand-in-model.js';
import { parseWav, type StoredFormat, wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

interface JsonReport {
  files: Record<string, unknown>[];
  succeeded: number;
  failed: number;
  model: Record<string, unknown>;
  peakMemoryMiB: number;
}

describe('denoise FILE', () => {
  const work = useWorkspace();

  it('writes NAME.denoised.wav, sample for sample where the input was', async () => {
    const tone = noisyTone(1.037);
    await writeFile(work.at('talk.wav'), wavBytes([tone], { format: 'f32' }));
    const { code, stdout, stderr } = await runDenoise([work.at('talk.wav'), '--model', work.model]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(
      /talk\.denoised\.wav {2}\(1\.0 s, 16 kHz, mono, 32 bit float\)\n {2}noise in the pauses −\d+\.\d → −\d+\.\d dBFS, .*× real time .*model .* on cpu\n$/,
    );
    expect((await readdir(work.folder)).sort()).toEqual(['talk.denoised.wav', 'talk.wav']);
    const clean = parseWav(await readFile(work.at('talk.denoised.wav')));
    expect(clean.samples[0]).toHaveLength(tone.length);
    const worst = Math.max(...clean.samples[0].map((value, n) => Math.abs(value - STAND_IN_GAIN * tone[n])));
    expect(worst).toBeLessThan(1e-4);
  });

  it.each<[StoredFormat, number, number]>([
    ['u8', 8000, 1],
    ['s16', 44_100, 2],
    ['s24', 48_000, 1],
    ['s32', 16_000, 3],
    ['f32', 96_000, 2],
    ['f64', 22_050, 1],
  ])('keeps %s at %i Hz in %i channels, and the exact length', async (format, sampleRate, channels) => {
    const sound = Array.from({ length: channels }, (_, c) => noisyTone(0.777, sampleRate, c + 1));
    const note = Buffer.from('INFOINAM\u0006\0\0\0a name', 'latin1');
    await writeFile(work.at('talk.wav'), wavBytes(sound, { format, sampleRate, chunks: [['LIST', note]] }));
    expect(await runDenoise([work.at('talk.wav'), '-q', '--model', work.model])).toMatchObject({
      code: 0,
      stderr: '',
    });
    const before = parseWav(await readFile(work.at('talk.wav')));
    const after = parseWav(await readFile(work.at('talk.denoised.wav')));
    expect(after).toMatchObject({
      formatTag: before.formatTag,
      channels,
      sampleRate,
      bits: before.bits,
      ids: expect.arrayContaining(['LIST']),
    });
    expect(after.data.length).toBe(before.data.length);
    expect(after.data.equals(before.data)).toBe(false);
  });

  it.each<StoredFormat>(['u8', 's16', 's24', 's32', 'f32', 'f64'])(
    'leaves every bit of %s at --strength 0',
    async (format) => {
      const sound = [noisyTone(0.4, 44_100, 1), noisyTone(0.4, 44_100, 2)];
      await writeFile(work.at('talk.wav'), wavBytes(sound, { format, sampleRate: 44_100 }));
      expect((await runDenoise([work.at('talk.wav'), '--strength', '0', '--model', work.model])).code).toBe(
        0,
      );
      const after = parseWav(await readFile(work.at('talk.denoised.wav')));
      expect(after.data.equals(parseWav(await readFile(work.at('talk.wav'))).data)).toBe(true);
    },
  );

  it('mixes by --strength', async () => {
    const tone = noisyTone(0.5);
    await writeFile(work.at('talk.wav'), wavBytes([tone], { format: 'f32' }));
    expect((await runDenoise([work.at('talk.wav'), '--strength', '0.5', '--model', work.model])).code).toBe(
      0,
    );
    const { samples } = parseWav(await readFile(work.at('talk.denoised.wav')));
    const gain = 1 + 0.5 * (STAND_IN_GAIN - 1);
    expect(Math.max(...samples[0].map((value, n) => Math.abs(value - gain * tone[n])))).toBeLessThan(1e-4);
  });

  it('denoises an empty recording into an empty one', async () => {
    await writeFile(work.at('none.wav'), wavBytes([new Float32Array(0)]));
    const { code, stderr } = await runDenoise([work.at('none.wav'), '--model', work.model]);
    // A recording of nothing may be done or refused, but never crash or leave a broken file.
    expect([0, 1]).toContain(code);
    if (code === 0) expect(parseWav(await readFile(work.at('none.denoised.wav'))).data.length).toBe(0);
    else expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('reports as JSON', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(1)]));
    const { code, stdout, stderr } = await runDenoise([work.at('talk.wav'), '--json', '--model', work.model]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout.toString()) as JsonReport;
    expect(report).toMatchObject({ succeeded: 1, failed: 0, model: { device: 'cpu' } });
    expect(report.peakMemoryMiB).toBeGreaterThan(10);
    expect(report.files[0]).toMatchObject({
      input: work.at('talk.wav'),
      output: work.at('talk.denoised.wav'),
      seconds: 1,
      sampleRate: 16_000,
      channels: 1,
      sampleFormat: 's16',
      strength: 1,
      warnings: [],
    });
    const { beforeDbfs, afterDbfs } = report.files[0].noiseFloor as Record<string, number>;
    expect(beforeDbfs - afterDbfs).toBeCloseTo(6.02, 1);
    expect(report.files[0].timesRealTime).toBeGreaterThan(0);
  });

  it('draws the spectrograms', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(1)]));
    expect(
      (await runDenoise([work.at('talk.wav'), '--plot', work.at('p.png'), '--model', work.model])).code,
    ).toBe(0);
    const png = await readFile(work.at('p.png'));
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'));
    expect(png.readUInt32BE(16)).toBeGreaterThan(600);
  });

  it('does folders and several files, and the rest where one fails', async () => {
    await mkdir(work.at('in', 'deep'), { recursive: true });
    await writeFile(work.at('in', 'a.wav'), wavBytes([noisyTone(0.3)]));
    await writeFile(work.at('in', 'deep', 'b.WAV'), wavBytes([noisyTone(0.3)]));
    await writeFile(work.at('in', 'bad.wav'), 'not audio');
    await writeFile(work.at('in', 'notes.txt'), 'not audio either');
    await writeFile(work.at('c.wav'), wavBytes([noisyTone(0.3)]));
    const args = [
      work.at('in'),
      work.at('c.wav'),
      '-r',
      '-o',
      `${work.at('out')}/`,
      '--json',
      '--model',
      work.model,
    ];
    const { code, stdout, stderr } = await runDenoise(args);
    expect(code).toBe(1);
    const report = JSON.parse(stdout.toString()) as JsonReport;
    expect(report).toMatchObject({ succeeded: 3, failed: 1 });
    expect(report.files.map((file) => (file.error === undefined ? 'done' : 'failed'))).toEqual([
      'done',
      'failed',
      'done',
      'done',
    ]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { message: expect.stringContaining('bad.wav') } });
    expect((await readdir(work.at('out'))).sort()).toEqual(['a.denoised.wav', 'c.denoised.wav', 'deep']);
    expect(await readdir(work.at('out', 'deep'))).toEqual(['b.denoised.wav']);
    const plain = await runDenoise([work.at('in'), '-r', '-o', work.at('out'), '--model', work.model]);
    expect(plain.code).toBe(1);
    expect(plain.stdout.toString()).toMatch(/2 of 3 recordings done, 1 failed\.\n$/);
    expect(plain.stdout.toString()).toContain(
      'Skipped 1, because it is no recording by its name: notes.txt.',
    );
  });

  it('goes through pipes, with nothing but audio on stdout', async () => {
    const tone = noisyTone(0.7);
    const { code, stdout, stderr } = await runDenoise(['-', '--model', work.model], {
      input: wavBytes([tone]),
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/stdin → stdout/);
    const { samples } = parseWav(stdout);
    expect(samples[0]).toHaveLength(tone.length);
    expect(Math.max(...samples[0].map((value, n) => Math.abs(value - STAND_IN_GAIN * tone[n])))).toBeLessThan(
      1e-3,
    );
    await writeFile(work.at('talk.wav'), wavBytes([tone]));
    const toPipe = await runDenoise([work.at('talk.wav'), '-o', '-', '-q', '--model', work.model]);
    expect(toPipe).toMatchObject({ code: 0, stderr: '' });
    expect(parseWav(toPipe.stdout).samples).toEqual(samples);
    const toFile = await runDenoise(['-', '-o', work.at('piped.wav'), '--model', work.model], {
      input: wavBytes([tone]),
    });
    expect(toFile.code).toBe(0);
    expect(parseWav(await readFile(work.at('piped.wav'))).samples).toEqual(samples);
  });
});
