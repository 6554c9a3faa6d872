/** 20 ms at 16 kHz. */
const FRAME = 320;
/** Frames below this are digital silence, which says nothing about the noise of a recording, dBFS. */
const DIGITAL_SILENCE_DB = -85;

/** What a recording is judged by. */
export interface RecordingQuality {
  seconds: number;
  /** The loud frames (95th percentile) over the quiet ones (5th), dB: how far speech stands out of the noise. */
  snrDb: number;
  /** Level of the loud frames, dBFS. */
  loudDb: number;
  /** Share of the samples at full scale. */
  clipped: number;
}

/** Levels of the frames of 20 ms in dBFS. */
export function frameLevels(samples: Float32Array): Float64Array {
  const levels = new Float64Array(Math.floor(samples.length / FRAME));
  for (let f = 0; f < levels.length; f++) {
    let power = 0;
    for (let i = f * FRAME; i < (f + 1) * FRAME; i++) power += samples[i]! * samples[i]!;
    levels[f] = 10 * Math.log10(power / FRAME + 1e-12);
  }
  return levels;
}

const percentile = (sorted: Float64Array, share: number): number =>
  sorted.length === 0 ? -120 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

/** Measures a recording at 16 kHz. */
export function measureQuality(samples: Float32Array): RecordingQuality {
  const levels = frameLevels(samples).sort();
  const sounding = levels.filter((level) => level >= DIGITAL_SILENCE_DB);
  const loudDb = percentile(levels, 0.95);
  const quiet = sounding.length > 10 ? percentile(sounding, 0.05) : DIGITAL_SILENCE_DB;
  const clipped = samples.reduce((count, value) => count + (Math.abs(value) > 0.985 ? 1 : 0), 0);
  return {
    seconds: samples.length / 16_000,
    snrDb: loudDb - quiet,
    loudDb,
    clipped: clipped / Math.max(1, samples.length),
  };
}

/**
 * Why a recording is left out, or `undefined` when it is good enough. Without a ratio to reach it is no speech, and may be
 * as short and as loud as it likes.
 */
export function rejection(quality: RecordingQuality, minimumSnrDb?: number): string | undefined {
  if (quality.loudDb < -50) return 'softer than −50 dBFS';
  if (minimumSnrDb === undefined) return undefined;
  if (quality.seconds < 0.35) return 'shorter than 0.35 s';
  if (quality.clipped > 1e-3) return 'clipped';
  if (quality.snrDb < minimumSnrDb) return `stands out of its noise by less than ${minimumSnrDb} dB`;
  return undefined;
}
