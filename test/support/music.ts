import { Random } from '../../src/random.js';

/** Semitones above the root: I, vi, IV, V. */
const CHORDS = [
  [0, 4, 7, 12],
  [-3, 0, 4, 9],
  [-7, -3, 0, 5],
  [-5, -1, 2, 7],
];
const BEAT_SECONDS = 0.5;
const ROOT_HZ = 262;

/**
 * A little band: four voices of plucked harmonics that change chord every other beat, a bass, a tune and a hi-hat.
 *
 * @returns `[seconds · sampleRate]`, RMS 0.1
 */
export function synthesisedMusic(seconds: number, sampleRate: number, seed = 1): Float32Array {
  const random = new Random(seed);
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  const beats = Math.ceil(seconds / BEAT_SECONDS);
  for (let beat = 0; beat < beats; beat++) {
    const chord = CHORDS[Math.floor(beat / 2) % CHORDS.length];
    const from = Math.round(beat * BEAT_SECONDS * sampleRate);
    if (beat % 2 === 0)
      for (const step of chord) note(samples, sampleRate, from, step, 2 * BEAT_SECONDS, 0.5);
    note(samples, sampleRate, from, chord[0] - 24, BEAT_SECONDS, 1);
    note(samples, sampleRate, from, chord[Math.floor(random.next() * 4)] + 12, BEAT_SECONDS, 0.8);
    for (let n = 0; n < 0.03 * sampleRate && from + n < samples.length; n++)
      samples[from + n] += 0.3 * random.normal() * Math.exp(-n / (0.008 * sampleRate));
  }
  let power = 0;
  for (const value of samples) power += value * value;
  const scale = 0.1 / Math.sqrt(power / samples.length);
  return samples.map((value) => scale * value);
}

function note(
  out: Float32Array,
  sampleRate: number,
  from: number,
  semitones: number,
  seconds: number,
  level: number,
): void {
  const hz = ROOT_HZ * 2 ** (semitones / 12);
  const end = Math.min(out.length, from + Math.round(seconds * sampleRate));
  for (let harmonic = 1; harmonic <= 8 && harmonic * hz < 0.45 * sampleRate; harmonic++) {
    const turn = (2 * Math.PI * hz * harmonic) / sampleRate;
    for (let n = from; n < end; n++) {
      const t = (n - from) / sampleRate;
      const envelope = Math.min(1, t / 0.01) * Math.exp((-t * (1 + harmonic)) / 1.5);
      out[n] += (level / harmonic) * envelope * Math.sin(turn * (n - from));
    }
  }
}
