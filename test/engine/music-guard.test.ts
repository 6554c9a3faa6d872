import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAudioInput } from '../../src/audio/open.js';
import { FullBandDenoiser } from '../../src/engine/full-band.js';
import { Model } from '../../src/engine/model.js';
import { MusicGuard } from '../../src/engine/music-guard.js';
import { Random } from '../../src/random.js';
import { synthesisedMusic } from '../support/music.js';

const RATE = 16_000;
const SECONDS = 6;
const LENGTH = SECONDS * RATE;

function noise(level: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: LENGTH }, () => level * random.normal());
}

/** Vowels whose pitch rises and falls, with pauses: harmonics that glide as those of speech do. */
function glidingVoice(): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: LENGTH }, (_, n) => {
    const t = n / RATE;
    phase += (2 * Math.PI * (140 + 35 * Math.sin(2 * Math.PI * 2.1 * t))) / RATE;
    const envelope = Math.max(0, Math.sin(2 * Math.PI * 1.7 * t));
    let sum = 0;
    for (let harmonic = 1; harmonic <= 20; harmonic++) sum += Math.sin(harmonic * phase) / harmonic;
    return 0.15 * envelope * sum;
  });
}

/** The guard's decision after it has seen `before` become `after`. */
function judge(before: Float32Array, after: Float32Array, options = {}): MusicGuard {
  const guard = new MusicGuard(RATE, options);
  guard.ease([before], [after.slice()]);
  return guard;
}

/** A chord that is held: an organ's harmonics, or bare sines. */
function chord(harmonics: readonly number[], rootHz = 196): Float32Array {
  return Float32Array.from({ length: LENGTH }, (_, n) => {
    let total = 0;
    for (const semitones of [0, 4, 7]) {
      const turn = (2 * Math.PI * rootHz * 2 ** (semitones / 12) * n) / RATE;
      harmonics.forEach((level, k) => {
        total += level * Math.sin((k + 1) * turn);
      });
    }
    return 0.05 * total;
  });
}

/** Largest difference. */
const farthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, n) => Math.max(most, Math.abs(value - b[n])), 0);

const sum = (...parts: Float32Array[]): Float32Array =>
  parts[0].map((_, n) => parts.reduce((total, part) => total + part[n], 0));

describe('the music guard', () => {
  const silence = new Float32Array(LENGTH);
  const voice = glidingVoice();

  it('lets music pass that a model would take away, also in hiss', () => {
    const music = synthesisedMusic(SECONDS, RATE);
    expect(judge(music, silence).share).toBe(0);
    expect(judge(sum(music, noise(0.03, 1)), silence).share).toBe(0);
    expect(
      judge(
        music,
        music.map((x) => 0.4 * x),
      ).share,
    ).toBeLessThan(0.3);
  });

  it('knows music that stands still: a held chord of an organ, of sines', () => {
    expect(judge(chord([1, 0.8, 0.5, 0.6, 0.1, 0.3]), silence).share).toBe(0);
    expect(judge(chord([1]), silence).share).toBe(0);
    expect(judge(sum(chord([1]), noise(0.01, 5)), silence).share).toBe(0);
    expect(judge(chord([1], 250), silence).share).toBe(0);
  });

  it('lets a fan be taken away, which is one series of harmonics', () => {
    const fan = silence.map((_, n) => {
      let total = 0;
      for (let k = 1; k <= 12; k++) total += Math.sin((2 * Math.PI * 87 * k * n) / RATE) / k;
      return 0.1 * total;
    });
    expect(judge(fan, silence).share).toBe(1);
    expect(judge(sum(fan, noise(0.05, 6)), silence).share).toBe(1);
  });

  it('eases by the same share however the audio is cut, and of a sample by earlier ones only', () => {
    const music = synthesisedMusic(3, RATE);
    const eased = (cuts: readonly number[], length = music.length): Float32Array => {
      const guard = new MusicGuard(RATE);
      const after = new Float32Array(length);
      for (let at = 0, k = 0; at < length; at += cuts[k++ % cuts.length]) {
        const to = Math.min(length, at + cuts[k % cuts.length]);
        guard.ease([music.subarray(at, to)], [after.subarray(at, to)]);
      }
      return after;
    };
    const whole = eased([music.length]);
    expect(whole.subarray(-RATE)).toEqual(music.subarray(-RATE));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 8 }), (cuts) => {
        expect(farthest(eased(cuts), whole)).toBeLessThan(1e-6);
      }),
      { numRuns: 20 },
    );
    expect(farthest(eased([500], 2 * RATE), whole.subarray(0, 2 * RATE))).toBeLessThan(1e-6);
  });

  it('leaves a model alone that lets music pass by itself', () => {
    const music = synthesisedMusic(SECONDS, RATE);
    expect(judge(sum(music, noise(0.01, 1)), music).share).toBe(1);
  });

  it('lets noise be taken from a voice, and what of the voice goes with it', () => {
    expect(judge(sum(voice, noise(0.1, 2)), voice).share).toBe(1);
    expect(
      judge(
        sum(voice, noise(0.1, 2)),
        voice.map((x) => 0.5 * x),
      ).share,
    ).toBe(1);
  });

  it('lets hum and whistles be taken away', () => {
    const hum = silence.map((_, n) => {
      let total = 0;
      for (let k = 1; k <= 6; k++) total += Math.sin((2 * Math.PI * 100 * k * n) / RATE) / k;
      return 0.1 * total;
    });
    const whistle = silence.map((_, n) => 0.2 * Math.sin((2 * Math.PI * 1130 * n) / RATE));
    expect(judge(sum(voice, whistle), voice).share).toBe(1);
    expect(judge(sum(voice, hum), voice).share).toBe(1);
  });

  it('takes notes with vibrato for music only where music is expected: a baby may cry like a violin', () => {
    let phase = 0;
    const violin = silence.map((_, n) => {
      const t = n / RATE;
      phase += (2 * Math.PI * 440 * (1 + 0.01 * Math.sin(2 * Math.PI * 5.5 * t))) / RATE;
      let total = 0;
      for (let k = 1; k <= 8; k++) total += Math.sin(k * phase) / k;
      return 0.15 * Math.abs(Math.sin(2 * Math.PI * 0.4 * t)) * total;
    });
    expect(judge(violin, silence).share).toBe(1);
    expect(judge(violin, silence, { musicExpected: true }).share).toBeLessThan(0.2);
    expect(judge(synthesisedMusic(SECONDS, RATE), silence, { musicExpected: true }).share).toBe(0);
  });

  it('takes noise away again some seconds after the music', () => {
    const guard = judge(synthesisedMusic(SECONDS, RATE), silence);
    for (const seed of [3, 4]) {
      const speech = sum(voice, noise(0.05, seed));
      for (let at = 0; at < LENGTH; at += 320)
        guard.ease([speech.subarray(at, at + 320)], [voice.slice(at, at + 320)]);
    }
    expect(guard.share).toBe(1);
  });
});

describe('the music guard over the shipped model', () => {
  let model: Model;
  beforeAll(async () => {
    model = await Model.load();
  });
  afterAll(() => model.close());

  async function judgeModel(sound: Float32Array): Promise<MusicGuard> {
    const stream = model.createStream();
    const denoiser = new FullBandDenoiser({ sampleRate: RATE, denoisers: [stream] });
    const [first] = await denoiser.process([sound]);
    const [rest] = await denoiser.flush();
    stream.close();
    return judge(sound, Float32Array.of(...first, ...rest));
  }

  it('eases music and nothing of speech in noise', async () => {
    const input = await openAudioInput(
      fileURLToPath(new URL('../../assets/noisy-speech.wav', import.meta.url)),
    );
    const speech: number[] = [];
    for await (const { samples } of input) speech.push(...samples[0]);
    await input.close();
    const ofSpeech = await judgeModel(Float32Array.from(speech).subarray(0, LENGTH));
    const ofMusic = await judgeModel(synthesisedMusic(SECONDS, RATE));
    expect(ofSpeech.share).toBe(1);
    expect(ofSpeech.noteShare).toBeLessThan(0.02);
    // A model that learnt to leave music alone needs no easing.
    if (ofMusic.noteShare > 0.14) expect(ofMusic.share).toBeLessThan(0.2);
  });
});
