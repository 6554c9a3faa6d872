import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { keepForBabble } from '../../../src/training/data/babble.js';
import { ClipPicker } from '../../../src/training/data/clip-player.js';
import { activeShare } from '../../../src/training/data/level.js';
import { type ClipLibrary, ClipStore, loadLibrary } from '../../../src/training/data/library.js';
import { Remixer } from '../../../src/training/data/remix.js';
import type { RemixOptions } from '../../../src/training/data/remix-config.js';
import { bits, whiteNoise, writeCorpus } from './synthetic-audio.js';

const SAMPLES = 16_000;
const DRY: RemixOptions = { noiseOnly: 0, cleanOnly: 0, reverberation: 0, bandLimit: 0, clipping: 0 };

let root: string;
let speech: ClipLibrary;
let noise: ClipLibrary;
let rooms: ClipLibrary;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'remix-options-'));
  const folders = writeCorpus(root);
  speech = (await loadLibrary(folders.speech)).library;
  noise = (await loadLibrary(folders.noise)).library;
  const store = new ClipStore(16_000);
  store.add(
    'hall.wav',
    whiteNoise(0.3, 3).map((value, i) => value * Math.exp(-i / 800)),
  );
  rooms = store.library;
});
afterAll(() => rmSync(root, { recursive: true }));

function mix(config: RemixOptions, index: number) {
  const noisy = new Float32Array(SAMPLES);
  const clean = new Float32Array(SAMPLES);
  const info = new Remixer({ speech, noise, rooms, samples: SAMPLES, seed: 5, config }).example(
    index,
    noisy,
    clean,
  );
  return { noisy, clean, ...info };
}

/** Settings added after the first models: each must leave an example whole, and change it. */
const ADDED: [string, RemixOptions][] = [
  ['suddenNoise', { suddenNoise: 1 }],
  ['syntheticNoise', { syntheticNoise: 1 }],
  ['microphone', { microphone: 1 }],
  ['agc', { agc: 1 }],
  ['codec', { codec: 1 }],
  ['packetLoss', { packetLoss: 1 }],
  ['imageRooms', { reverberation: 1, imageRooms: 1 }],
  ['measuredRooms', { reverberation: 1, measuredRooms: 1 }],
  ['balance', { balance: 'group' }],
  ['babbleTalkers', { babble: 1, babbleTalkers: [1, 2], babbleVoices: 0.4 }],
];

describe.each(ADDED)('with %s', (_name, added) => {
  it('makes whole examples, the same for the same index', () => {
    for (let index = 0; index < 8; index++) {
      const { noisy, clean } = mix({ ...DRY, ...added }, index);
      expect(noisy.every((value) => Math.abs(value) <= 1)).toBe(true);
      expect(clean.some((value) => value !== 0)).toBe(true);
      expect(bits(mix({ ...DRY, ...added }, index).noisy)).toBe(bits(noisy));
    }
  });
});

describe('what the target follows', () => {
  it('gain control and microphone, but neither codec nor lost packets nor the kind of noise', () => {
    const clean = (added: RemixOptions) => bits(mix({ ...DRY, levelDb: [-30, -30], ...added }, 3).clean);
    const plain = clean({});
    for (const kept of [{ codec: 1 }, { packetLoss: 1 }]) expect(clean(kept)).toBe(plain);
    for (const changed of [{ agc: 1 }, { microphone: 1 }]) expect(clean(changed)).not.toBe(plain);
  });
});

describe('activeShare', () => {
  it('counts the frames within 30 dB of the loudest', () => {
    const half = new Float32Array(2560);
    half.fill(0.5, 0, 1280);
    expect(activeShare(half)).toBe(0.5);
    expect(activeShare(new Float32Array(1000))).toBe(0);
  });

  it('makes examples with enough speech more frequent', () => {
    const enough = (config: RemixOptions) => {
      let count = 0;
      for (let i = 0; i < 60; i++)
        if (activeShare(mix({ ...DRY, longPause: 0.8, pauseSeconds: 3, ...config }, i).clean) >= 0.5) count++;
      return count;
    };
    expect(enough({ activeShare: 0.5 })).toBeGreaterThan(enough({}));
  });
});

describe('keepForBabble', () => {
  it('keeps whole voices, the same ones whatever else there is', () => {
    const clips = Array.from({ length: 300 }, (_, i) => ({
      ...speech.clips[0],
      name: `s/v${i % 100}_${i}.wav`,
      group: `s/v${i % 100}`,
    }));
    const { speech: speak, babble } = keepForBabble({ ...speech, clips }, 0.2);
    const voices = (library: ClipLibrary) => new Set(library.clips.map(({ group }) => group));
    expect(voices(babble).size).toBeGreaterThan(8);
    expect(voices(babble).size).toBeLessThan(35);
    expect([...voices(babble)].some((voice) => voices(speak).has(voice))).toBe(false);
    const again = keepForBabble({ ...speech, clips: clips.slice(0, 90) }, 0.2).babble;
    expect([...voices(again)].every((voice) => voices(babble).has(voice))).toBe(true);
  });

  it('leaves everything to both where nothing can be kept', () => {
    const { speech: speak, babble } = keepForBabble(speech, 0);
    expect(speak).toBe(speech);
    expect(babble).toBe(speech);
  });
});

describe('balance by group', () => {
  it('lets a voice of an hour count little more than one of a few minutes', () => {
    const clip = (group: string, i: number) => ({
      ...speech.clips[0],
      group,
      name: `${group}_${i}`,
      length: 1600,
    });
    const clips = [
      ...Array.from({ length: 160 }, (_, i) => clip('long', i)),
      ...Array.from({ length: 10 }, (_, i) => clip('short', i)),
    ];
    const share = (picker: ClipPicker) => {
      const random = new Random(1);
      let long = 0;
      for (let i = 0; i < 4000; i++) if (picker.pick(random).group === 'long') long++;
      return long / 4000;
    };
    expect(share(new ClipPicker({ ...speech, clips }, 1))).toBeCloseTo(160 / 170, 1);
    expect(share(new ClipPicker({ ...speech, clips }, 0.25, 'group'))).toBeCloseTo(2 / 3, 1);
  });
});
