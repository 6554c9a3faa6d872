import { describe, expect, it } from 'vitest';
import { bandSiSdr } from '../../../scripts/radio/band-si-sdr.js';
import { SpeechTracks } from '../../../scripts/radio/speech-track.js';
import { hearVoice, VOICE_RATE } from '../../../scripts/radio/voice-chain.js';
import { drawScene, type VoiceScene } from '../../../scripts/radio/voice-scene.js';
import { peak } from '../../../src/audio/metrics/levels.js';
import { Random } from '../../../src/random.js';
import { ClipStore } from '../../../src/training/data/library.js';

const SECONDS = 0.6;

/** Tones under a syllable's envelope, with a pause. */
function voice(): Float32Array {
  return Float32Array.from({ length: SECONDS * VOICE_RATE }, (_, n) => {
    const t = n / VOICE_RATE;
    const envelope = Math.max(0, Math.sin(2 * Math.PI * 4 * t));
    return (
      0.1 * envelope * [500, 910, 1730, 2290].reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * t), 0)
    );
  });
}

/** The first scene drawn for each mode. */
const scenes = new Map<VoiceScene['mode'], VoiceScene>();
for (let n = 0; scenes.size < 6; n++) {
  const scene = drawScene(new Random(3, n));
  if (!scenes.has(scene.mode)) scenes.set(scene.mode, scene);
}
const undisturbed = {
  cnrDb: Number.POSITIVE_INFINITY,
  whistles: [],
  crashes: undefined,
  thumps: [],
  fading: undefined,
  keyed: [0, 1] as [number, number],
};

describe.each([...scenes.values()])('a voice over $mode', (scene) => {
  it('is in step with its noisy twin, at the same gain', () => {
    const { clean, noisy } = hearVoice(voice(), { ...scene, ...undisturbed, cnrDb: 30 });
    const { db, lag } = bandSiSdr(noisy, clean, { rate: VOICE_RATE, maxLag: 400 });
    expect(Math.abs(lag)).toBeLessThan(0.05);
    expect(db).toBeGreaterThan(8);
    let cross = 0;
    let power = 0;
    for (let n = 0; n < clean.length; n++) {
      cross += clean[n] * noisy[n];
      power += clean[n] * clean[n];
    }
    expect(cross / power).toBeCloseTo(1, 1);
  });

  it('equals its twin where there is no noise, and is the voice that was sent', () => {
    const plain = { ...scene, ...undisturbed, preEmphasisUs: 0, deemphasisUs: 0, mistuneHz: 0 };
    const soft = { ...plain.voice, compression: 0, lowHz: 80 };
    const { clean, noisy } = hearVoice(voice(), { ...plain, breathing: undefined, voice: soft });
    expect(noisy).toEqual(clean);
    // Low cut and channel turn phases a little; the demodulators' own limits lie far above.
    expect(bandSiSdr(clean, voice(), { rate: VOICE_RATE, maxLag: 2000 }).db).toBeGreaterThan(12);
  });

  it('is the same for the same seed, and other noise for another', () => {
    const first = hearVoice(voice(), scene);
    expect(hearVoice(voice(), scene)).toEqual(first);
    expect(hearVoice(voice(), { ...scene, seed: scene.seed + 1 }).noisy).not.toEqual(first.noisy);
  });

  it('never clips', () => {
    const { clean, noisy } = hearVoice(voice(), { ...scene, cnrDb: 0, levelDb: 0 });
    expect(Math.max(peak(clean), peak(noisy))).toBeLessThanOrEqual(0.951);
  });
});

it('silences the target where the transmitter is off, not the noise', () => {
  const scene = scenes.get('nbfm') as VoiceScene;
  const { clean, noisy } = hearVoice(voice(), { ...scene, ...undisturbed, cnrDb: 12, keyed: [0.5, 1] });
  const early = (x: Float32Array) => x.subarray(0, 0.4 * x.length).reduce((sum, v) => sum + v * v, 0);
  expect(early(clean)).toBe(0);
  expect(early(noisy)).toBeGreaterThan(0.01);
});

it('deals every utterance once before any again', () => {
  const store = new ClipStore(VOICE_RATE);
  for (let n = 0; n < 5; n++) {
    // A constant per recording tells which it was; loudness is evened out, so its sign pattern does.
    store.add(
      `speaker${n}_1.wav`,
      Float32Array.from({ length: 1600 }, (_, t) => (t % (n + 2) === 0 ? 0.3 : -0.3)),
    );
  }
  const tracks = new SpeechTracks(store.library, 1);
  const periods: number[] = [];
  for (let n = 0; n < 5; n++) {
    const track = tracks.next(1600);
    const ups = [...track.subarray(200, 1400)].map((x, t) => (x > 0 ? t : -1)).filter((t) => t >= 0);
    periods.push(ups[1] - ups[0]);
  }
  expect(periods.sort()).toEqual([2, 3, 4, 5, 6]);
});
