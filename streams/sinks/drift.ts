import { VariableResampler } from './variable-resampler.js';

export interface DriftOptions {
  /** Least fill of the buffer to hold, seconds; default 0.02. */
  targetSeconds?: number;
  /** Length of the windows in which the least fill is taken, seconds; default 1, longer than any lump of the source. */
  windowSeconds?: number;
}

/** Largest correction, parts per million: 1.7 hundredths of a semitone. Crystals differ by 200 ppm at worst. */
const LIMIT_PPM = 1000;
/** Largest change of the correction from one window to the next, parts per million. */
const SLEW_PPM = 100;
/** Proportional gain, 1/s: an error fades with a time constant of 100 s, and 200 ppm push the fill 7 ms at most. */
const PROPORTIONAL = 0.02;
/** Integral gain, 1/s²: critically damped. */
const INTEGRAL = PROPORTIONAL ** 2 / 4;

/**
 * Holds the buffer between two clocks at a level: a proportional-integral loop from the least fill in each window to a
 * small change of the playing rate. The least fill is what guards against running dry, whatever size the lumps have in
 * which samples come and go.
 */
export class DriftController {
  private readonly target: number;
  private readonly window: number;
  private least = Number.POSITIVE_INFINITY;
  private elapsed = 0;
  private integral = 0;
  private ppm = 0;

  constructor(options: DriftOptions = {}) {
    this.target = options.targetSeconds ?? 0.02;
    this.window = options.windowSeconds ?? 1;
  }

  /** Correction in force, parts per million; positive plays faster. */
  get correctionPpm(): number {
    return this.ppm;
  }

  /** Input samples per output sample, for the resampler. */
  get step(): number {
    return 1 + this.ppm * 1e-6;
  }

  /**
   * Notes the fill of the buffer just before new samples are added to it, when it is least.
   *
   * @param fillSeconds what waits to be played. @param passedSeconds time since the last call.
   */
  update(fillSeconds: number, passedSeconds: number): void {
    this.least = Math.min(this.least, fillSeconds);
    this.elapsed += passedSeconds;
    if (this.elapsed < this.window) return;
    const error = this.least - this.target;
    const sum = this.integral + INTEGRAL * error * this.elapsed * 1e6;
    const wanted = PROPORTIONAL * error * 1e6 + sum;
    // The integral stands still while the loop is at its limit, else it would overshoot on the way back.
    if (Math.abs(wanted) < LIMIT_PPM) this.integral = sum;
    const limited = Math.max(-LIMIT_PPM, Math.min(LIMIT_PPM, wanted));
    this.ppm += Math.max(-SLEW_PPM, Math.min(SLEW_PPM, limited - this.ppm));
    this.least = Number.POSITIVE_INFINITY;
    this.elapsed = 0;
  }

  /** Forgets the fill seen so far, after a break; the correction learnt for the clocks stays. */
  restart(): void {
    this.least = Number.POSITIVE_INFINITY;
    this.elapsed = 0;
  }
}

/** Absorbs the drift between the clock of a live source and that of a speaker, without clicks. */
export class DriftCompensator {
  readonly controller: DriftController;
  private readonly resampler: VariableResampler;

  constructor(
    readonly format: { sampleRate: number; channels: number },
    options: DriftOptions = {},
  ) {
    this.controller = new DriftController(options);
    this.resampler = new VariableResampler(format.channels);
  }

  /** Delay added, samples. */
  get latencySamples(): number {
    return this.resampler.latencySamples;
  }

  /**
   * @param samples one array per channel. @param fillSamples what waits to be played now, before these.
   * @returns the samples to play.
   */
  process(samples: readonly Float32Array[], fillSamples: number): Float32Array[] {
    const { sampleRate } = this.format;
    this.controller.update(fillSamples / sampleRate, (samples[0]?.length ?? 0) / sampleRate);
    return this.resampler.process(samples, this.controller.step);
  }

  /** The last samples, at the end of the stream. */
  flush(): Float32Array[] {
    return this.resampler.flush(this.controller.step);
  }
}
