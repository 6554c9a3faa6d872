import { meanPower, peak, powerToDb } from '../audio/metrics/levels.js';

/** A stretch of a recording, in samples. */
export interface Stretch {
  from: number;
  to: number;
}

/** Levels are taken over frames of this length, seconds. */
const FRAME_SECONDS = 0.02;
/** What lies so near to speech is not taken, seconds: soft beginnings and ends, and the room's answer. */
const GUARD_SECONDS = 0.2;
/** Shorter stretches are left out, seconds: each loses 10 ms to the fades where they are joined. */
const LEAST_SECONDS = 0.25;
/** Shorter speech is left out, seconds. */
const LEAST_SPEECH_SECONDS = 1;
/** Speech is what the model keeps: within so many dB of the loudest of what comes out of it … */
const SPEECH_RANGE_DB = 30;
/** … and not taken down by more than this. In noise alone the shipped models take 15 dB and more away. */
const KEPT_DB = 9;
/** Digital silence and dither teach nothing, dBFS. */
const SILENCE_DB = -85;
/** A sample this near to full scale is clipped. */
const CLIPPED = 0.999;
/** A stretch this much louder than the middle one is an event and not the noise of the place, dB. */
const OUTLIER_DB = 15;

/**
 * Finds where there is noise and nothing else. The model itself tells speech from noise: where it takes nearly everything
 * away, nobody speaks. The loudest twentieth of what it gives is taken for speech.
 *
 * @param samples `[time]` @param denoised `[time]`, the same through a model, aligned
 * @param sampleRate of both, Hz
 * @returns stretches in order; none where somebody speaks all the time
 */
export function findNoise(samples: Float32Array, denoised: Float32Array, sampleRate: number): Stretch[] {
  const { frame, before, speaks } = listen(samples, denoised, sampleRate);
  const guarded = widened(speaks);
  const quiet = guarded.map((near, i) => (near === 1 || before[i] < SILENCE_DB ? 0 : 1));
  const found = stretchesOf(quiet, frame, LEAST_SECONDS);
  return withoutOutliers(
    samples,
    found.filter((stretch) => !isClipped(samples, stretch)),
  );
}

/** Finds where somebody speaks, pauses of up to 400 ms included. Arguments as of {@link findNoise}. */
export function findSpeech(samples: Float32Array, denoised: Float32Array, sampleRate: number): Stretch[] {
  const { frame, speaks } = listen(samples, denoised, sampleRate);
  return stretchesOf(widened(speaks), frame, LEAST_SPEECH_SECONDS);
}

/** Levels of frames before and after the model, dBFS, and whether somebody speaks in them. */
function listen(samples: Float32Array, denoised: Float32Array, sampleRate: number) {
  const frame = Math.round(FRAME_SECONDS * sampleRate);
  const count = Math.floor(samples.length / frame);
  const level = (of: Float32Array, i: number): number =>
    powerToDb(meanPower(of.subarray(i * frame, (i + 1) * frame)) + 1e-12);
  const before = Float64Array.from({ length: count }, (_, i) => level(samples, i));
  const after = Float64Array.from({ length: count }, (_, i) => level(denoised, i));
  const loudest = quantile(after, 0.95);
  const speaks = Uint8Array.from(after, (db, i) =>
    db > loudest - SPEECH_RANGE_DB && db > before[i] - KEPT_DB ? 1 : 0,
  );
  return { frame, before, speaks };
}

/** Marks the guard around every frame that is marked, too. */
function widened(marks: Uint8Array): Uint8Array {
  const guard = Math.ceil(GUARD_SECONDS / FRAME_SECONDS);
  const wide = new Uint8Array(marks.length);
  for (let i = 0; i < marks.length; i++)
    if (marks[i] === 1) wide.fill(1, Math.max(0, i - guard), i + guard + 1);
  return wide;
}

/** Runs of marked frames that are long enough, in samples. */
function stretchesOf(marks: Uint8Array, frame: number, leastSeconds: number): Stretch[] {
  const found: Stretch[] = [];
  for (let i = 0; i < marks.length; ) {
    let end = i;
    while (end < marks.length && marks[end] === 1) end++;
    if (end - i >= leastSeconds / FRAME_SECONDS) found.push({ from: i * frame, to: end * frame });
    i = end + 1;
  }
  return found;
}

const isClipped = (samples: Float32Array, { from, to }: Stretch): boolean =>
  peak(samples.subarray(from, to)) >= CLIPPED;

function withoutOutliers(samples: Float32Array, stretches: readonly Stretch[]): Stretch[] {
  const levels = stretches.map(({ from, to }) => powerToDb(meanPower(samples.subarray(from, to))));
  const middle = quantile(Float64Array.from(levels), 0.5);
  return stretches.filter((_, i) => levels[i] <= middle + OUTLIER_DB);
}

function quantile(values: Float64Array, share: number): number {
  return values.length === 0 ? 0 : values.slice().sort()[Math.floor(share * (values.length - 1))];
}
