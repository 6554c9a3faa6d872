import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClipLibrary, loadLibrary } from '../../../src/training/data/library.js';
import { loadPairs, PairSampler } from '../../../src/training/data/pairs.js';
import { recordingGroup } from '../../../src/training/data/recording-group.js';
import { splitLibrary } from '../../../src/training/data/split.js';
import { toneBursts, whiteNoise, writeCorpus, writeWav } from './synthetic-audio.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'library-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const samplesOf = (library: ClipLibrary, index: number) => {
  const { block, offset, length, scale } = library.clips[index];
  return Float32Array.from(new Int16Array(library.blocks[block], 2 * offset, length), (x) => x * scale);
};

describe('loadLibrary', () => {
  it('loads what is good and names what is not, and why', async () => {
    writeWav(join(root, 'a/good.wav'), [whiteNoise(1, 1)], 16_000);
    writeWav(join(root, 'a/silent.wav'), [new Float32Array(16_000)], 16_000);
    writeWav(join(root, 'b/short.wav'), [whiteNoise(0.1, 2)], 16_000);
    writeFileSync(join(root, 'b/text.wav'), 'this is no audio at all, whatever its name says');
    writeFileSync(join(root, 'b/empty.flac'), '');
    writeFileSync(join(root, 'b/notes.txt'), 'not even looked at');
    const truncated = readFileSync(join(root, 'a/good.wav')).subarray(0, 30);
    writeFileSync(join(root, 'b/truncated.wav'), truncated);
    mkdirSync(join(root, 'folder.wav'));
    const progress: number[] = [];
    const { library, report } = await loadLibrary(root, { onProgress: (done) => progress.push(done) });
    expect(library.clips.map((clip) => clip.name)).toEqual(['a/good.wav']);
    expect(report.loaded).toBe(1);
    expect(report.seconds).toBeCloseTo(1, 1);
    expect(report.skipped.map((file) => file.name)).toEqual([
      'a/silent.wav',
      'b/empty.flac',
      'b/short.wav',
      'b/text.wav',
      'b/truncated.wav',
    ]);
    expect(report.skipped[0].reason).toBe('silent');
    expect(report.skipped[2].reason).toMatch(/too short \(0\.10 s\)/);
    for (const { reason } of report.skipped) expect(reason).not.toBe('');
    expect(progress).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('skips a FLAC file with a damaged frame and loads the undamaged one', async () => {
    const fixture = join(import.meta.dirname, '../../fixtures/audio/flac-s16.flac');
    const bytes = readFileSync(fixture);
    writeFileSync(join(root, 'good.flac'), bytes);
    const damaged = Buffer.from(bytes);
    for (let i = 0; i < 64; i++) damaged[(bytes.length >> 1) + i] ^= 0x5a;
    writeFileSync(join(root, 'damaged.flac'), damaged);
    const { library, report } = await loadLibrary(root, { minimumSeconds: 0.01 });
    expect(library.clips.map((clip) => clip.name)).toEqual(['good.flac']);
    expect(report.skipped).toHaveLength(1);
    expect(report.skipped[0]).toMatchObject({
      name: 'damaged.flac',
      reason: expect.stringMatching(/damaged|decoded/),
    });
  });

  it('throws one clear error for a folder with nothing usable, or that is not there', async () => {
    await expect(loadLibrary(root)).rejects.toMatchObject({ name: 'TrainingError', code: 'E_NO_AUDIO' });
    writeWav(join(root, 'silent.wav'), [new Float32Array(16_000)], 16_000);
    await expect(loadLibrary(root)).rejects.toThrow(/none of its 1 files/);
    await expect(loadLibrary(join(root, 'absent'))).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  });

  it('brings any rate and channel count to mono at one rate', async () => {
    for (const rate of [8000, 16_000, 22_050, 44_100, 48_000]) {
      const tone = Float32Array.from(
        { length: rate },
        (_, i) => 0.5 * Math.cos((2 * Math.PI * 440 * i) / rate),
      );
      writeWav(join(root, `tone${rate}.wav`), [tone, tone.map((x) => x / 2)], rate);
    }
    const { library } = await loadLibrary(root);
    expect(library.clips).toHaveLength(5);
    for (const [index, clip] of library.clips.entries()) {
      expect(Math.abs(clip.length - 16_000)).toBeLessThanOrEqual(2);
      const samples = samplesOf(library, index);
      // In place to within a sample: mean of both channels, away from the edges.
      let worst = 0;
      for (let n = 1000; n < 15_000; n++) {
        worst = Math.max(worst, Math.abs(samples[n] - 0.375 * Math.cos((2 * Math.PI * 440 * n) / 16_000)));
      }
      expect(worst, clip.name).toBeLessThan(0.01);
    }
  });

  it('cuts digital silence off both ends and keeps it inside', async () => {
    const padded = new Float32Array(48_000);
    padded.set(whiteNoise(0.5, 3), 10_000);
    padded.set(whiteNoise(0.5, 4), 30_000);
    writeWav(join(root, 'padded.wav'), [padded], 16_000);
    const { library } = await loadLibrary(root);
    expect(Math.abs(library.clips[0].length - 28_000)).toBeLessThan(5);
  });

  it('has one hash for the same recordings and another for a changed one', async () => {
    writeCorpus(root);
    const hash = async () => (await loadLibrary(root)).report.hash;
    const first = await hash();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash()).toBe(first);
    writeWav(join(root, 'speech/set/speaker0_0.wav'), [toneBursts(1, 201)], 16_000);
    expect(await hash()).not.toBe(first);
  });
});

describe('splitLibrary', () => {
  it('keeps every speaker and every source recording on one side, the same for the same seed', async () => {
    const folders = writeCorpus(root);
    for (const folder of [folders.speech, folders.noise]) {
      const { library } = await loadLibrary(folder);
      const heldOut = new Set<string>();
      for (let seed = 0; seed < 10; seed++) {
        const { train, validation, by } = splitLibrary(library, 0.3, seed);
        const groups = (side: ClipLibrary) => new Set(side.clips.map((clip) => clip.group));
        expect(by).toBe('group');
        expect(validation.clips.length).toBeGreaterThan(0);
        expect(train.clips.length + validation.clips.length).toBe(library.clips.length);
        for (const group of groups(validation)) expect(groups(train).has(group)).toBe(false);
        expect(splitLibrary(library, 0.3, seed).validation.clips).toEqual(validation.clips);
        heldOut.add([...groups(validation)].join());
      }
      expect(heldOut.size).toBeGreaterThan(1);
    }
  });

  const clip = (name: string, length = 100) => ({
    name,
    group: recordingGroup(name),
    block: 0,
    offset: 0,
    length,
    scale: 1,
  });
  const library = (...clips: ReturnType<typeof clip>[]): ClipLibrary => ({
    sampleRate: 16_000,
    blocks: [],
    clips,
  });

  it('never holds out unknown speakers, nor one that is most of the recordings', () => {
    const unknown = Array.from({ length: 50 }, (_, i) =>
      clip(`wake/computer_1df10ac9-44c6-4162-8d8a-6af1e80370${String(i).padStart(2, '0')}.flac`),
    );
    const known = Array.from({ length: 20 }, (_, i) => clip(`set/speaker${i}_7.flac`, 30));
    const main = Array.from({ length: 20 }, (_, i) => clip(`main/voice-${i}.flac`));
    for (let seed = 0; seed < 20; seed++) {
      const { validation } = splitLibrary(library(...unknown, ...known, ...main), 0.1, seed);
      expect(validation.clips.every((held) => held.name.startsWith('set/'))).toBe(true);
      const share = validation.clips.length * 30;
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(0.1 * 7600);
    }
  });

  it('falls back to files, and says so, where names tell no speakers apart', () => {
    const oneVoice = library(...Array.from({ length: 20 }, (_, i) => clip(`voice-${i}.flac`)));
    expect(splitLibrary(oneVoice, 0.1, 1)).toMatchObject({
      by: 'file',
      validation: { clips: { length: 2 } },
    });
    expect(splitLibrary(library(clip('a.wav')), 0.1, 1).by).toBe('shared');
    expect(splitLibrary(oneVoice, 0, 1).validation.clips).toEqual([]);
  });
});

describe('recordingGroup', () => {
  it.each([
    ['speechocean762/speaker0001_000010122.flac', 'speechocean762/speaker0001'],
    ['esc10/esc10__fire-crackling__1-17808-B.flac', 'esc10/1-17808'],
    ['ESC-50/1-100032-A-0.wav', 'ESC-50/1-100032'],
    ['dev-clean/1089-134686-0000.flac', 'dev-clean/1089'],
    ['p225/p225_001.wav', 'p225/p225'],
    ['kerstin/de_rhasspy-0441.flac', 'kerstin/de_rhasspy'],
    ['mycroft/mycroft__bg_noise8.flac', 'mycroft/mycroft__bg_noise8'],
    ['sti/b350f6b3-54ee-4251-aa5f-70f7bac30355.flac', null],
  ])('%s belongs to %s', (name, group) => expect(recordingGroup(name)).toBe(group));

  const shared = resolve(process.env.DENOISE_SHARED ?? '../shared', 'audio/manifest.csv');
  it.skipIf(!existsSync(shared))('agrees with the manifest of the shared recordings about speakers', () => {
    const groups = new Map<string, string>();
    for (const line of readFileSync(shared, 'utf8').trim().split('\n').slice(1)) {
      const [file, kind, source, speaker] = line.split(',');
      if (kind !== 'speech') continue;
      const group = recordingGroup(file);
      if (speaker === '?') expect(group).toBeNull();
      else {
        expect(groups.get(`${source}/${speaker}`) ?? group).toBe(group);
        groups.set(`${source}/${speaker}`, group ?? '');
      }
    }
    expect(new Set(groups.values()).size).toBe(groups.size);
  });
});

describe('loadPairs', () => {
  it('matches by name, names the lonely ones, and cuts both at the same place', async () => {
    const clean = toneBursts(2, 300);
    const hiss = whiteNoise(2, 5, 16_000, 0.01);
    const noisy = clean.map((x, i) => x + hiss[i]);
    writeWav(join(root, 'noisy/x/one.wav'), [noisy], 16_000);
    writeWav(join(root, 'clean/x/one.wav'), [clean.subarray(0, 30_000)], 16_000);
    writeWav(join(root, 'noisy/lonely.wav'), [noisy], 16_000);
    writeWav(join(root, 'clean/other.wav'), [clean], 16_000);
    writeWav(join(root, 'noisy/tiny.wav'), [noisy.subarray(0, 6000)], 16_000);
    writeWav(join(root, 'clean/tiny.wav'), [clean.subarray(0, 6000)], 16_000);
    const { pairs, report } = await loadPairs(join(root, 'noisy'), join(root, 'clean'));
    expect(pairs.noisy.clips.map((c) => c.name)).toEqual(['tiny.wav', 'x/one.wav']);
    expect(pairs.clean.clips.map((c) => c.length)).toEqual([6000, 30_000]);
    expect(report.skipped.map((file) => file.name)).toEqual(['lonely.wav', 'other.wav']);
    const sampler = new PairSampler({ pairs, samples: 8000, seed: 1 });
    for (let index = 0; index < 10; index++) {
      const [a, b] = [new Float32Array(8000), new Float32Array(8000)];
      sampler.example(index, a, b);
      // Everywhere the difference is the small noise, so both come from one place.
      expect(Math.max(...a.map((x, i) => Math.abs(x - b[i])))).toBeLessThan(0.06);
      expect(Math.max(...b)).toBeGreaterThan(0.1);
    }
    await expect(loadPairs(join(root, 'noisy/x'), join(root, 'clean'))).rejects.toMatchObject({
      code: 'E_NO_AUDIO',
    });
  });
});
