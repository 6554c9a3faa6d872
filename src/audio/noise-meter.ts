import { powerToDb } from './metrics/levels.js';

/** Length of a frame in seconds: short enough to fall between words, long enough for a steady level. */
const FRAME_SECONDS = 0.05;

/** Share of the frames, the quietest ones of the input, that are taken as noise alone. */
const QUIET_SHARE = 0.1;

/** Frames below this level in dBFS are digital silence or dither of 16 bits, and tell nothing about noise. */
const SILENCE_DBFS = -90;

/** Levels from silence to full scale are counted in bins of a quarter of a dB. */
const BINS_PER_DB = 4;
const BINS = -SILENCE_DBFS * BINS_PER_DB + 1;

/** Reductions are given up to here: beyond it the rest is below the noise of the sample format. */
const HIGHEST_REDUCTION_DB = 80;

/** Mean power of the noise alone, in dB relative to full scale. */
export interface NoiseFloors {
  beforeDbfs: number;
  afterDbfs: number;
}

/**
 * Measures how far the noise floor went down: the mean power of the quietest tenth of the input's frames (speech
 * pauses, where there is only noise), against the power of the same frames of the output. Constant memory: frames
 * are counted in a histogram over the input's level, with the input's and output's power summed in every bin.
 */
export class NoiseMeter {
  private readonly frames = new Float64Array(BINS);
  private readonly before = new Float64Array(BINS);
  private readonly after = new Float64Array(BINS);
  private readonly frameLength: number;
  private filled = 0;
  private powerBefore = 0;
  private powerAfter = 0;

  /**
   * @param sampleRate - in Hz.
   * @param channels - whose powers are averaged.
   */
  constructor(
    sampleRate: number,
    private readonly channels: number,
  ) {
    this.frameLength = Math.max(1, Math.round(sampleRate * FRAME_SECONDS));
  }

  /** Takes the next samples of input and output, aligned. Shapes `[channels][time]`, full scale ±1. */
  add(input: readonly Float32Array[], output: readonly Float32Array[]): void {
    const length = output[0]?.length ?? 0;
    for (let start = 0; start < length; ) {
      const end = Math.min(length, start + this.frameLength - this.filled);
      for (let c = 0; c < this.channels; c++) {
        this.powerBefore += energy(input[c], start, end);
        this.powerAfter += energy(output[c], start, end);
      }
      this.filled += end - start;
      start = end;
      if (this.filled === this.frameLength) this.closeFrame();
    }
  }

  /** The noise floors, at most 80 dB apart; `undefined` where nothing but silence, or too little, was heard. */
  get floors(): NoiseFloors | undefined {
    const quietFrames = Math.ceil(this.frames.reduce((sum, count) => sum + count, 0) * QUIET_SHARE);
    if (quietFrames === 0) return undefined;
    let wanted = quietFrames;
    let before = 0;
    let after = 0;
    for (let bin = 0; bin < BINS && wanted > 0; bin++) {
      if (this.frames[bin] === 0) continue;
      const share = Math.min(1, wanted / this.frames[bin]);
      before += share * this.before[bin];
      after += share * this.after[bin];
      wanted -= this.frames[bin];
    }
    const samples = quietFrames * this.frameLength * this.channels;
    const beforeDbfs = powerToDb(before / samples);
    return { beforeDbfs, afterDbfs: Math.max(beforeDbfs - HIGHEST_REDUCTION_DB, powerToDb(after / samples)) };
  }

  private closeFrame(): void {
    const samples = this.frameLength * this.channels;
    const level = powerToDb(this.powerBefore / samples);
    if (level >= SILENCE_DBFS) {
      const bin = Math.min(BINS - 1, Math.floor((level - SILENCE_DBFS) * BINS_PER_DB));
      this.frames[bin] += 1;
      this.before[bin] += this.powerBefore;
      this.after[bin] += this.powerAfter;
    }
    this.filled = 0;
    this.powerBefore = 0;
    this.powerAfter = 0;
  }
}

function energy(samples: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += samples[i] * samples[i];
  return sum;
}
