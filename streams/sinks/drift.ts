import { Splice } from './splice.js';
import { VariableResampler } from './variable-resampler.js';

export interface DriftOptions {
  /** Least fill of the buffer to hold, seconds; default 0.02. */
  targetSeconds?: number;
  /** Length of the windows in which the least fill is taken, seconds; default 1, longer than any block of the source. */
  windowSeconds?: number;
  /** Most that may wait, seconds; then half of it is skipped at once. Default 1. */
  mostSeconds?: number;
}

/** Largest correction, parts per million: 1.7 hundredths of a semitone. Crystals differ by 200 ppm at worst. */
const LIMIT_PPM = 1000;
/** Largest change of the correction from one window to the next, parts per million. */
const SLEW_PPM = 100;
/** Proportional gain, 1/s: an error fades with a time constant of 100 s, and 200 ppm push the fill 7 ms at most. */
const PROPORTIONAL = 0.02;
/** Integral gain, 1/s²: critically damped. */
const INTEGRAL = PROPORTIONAL ** 2 / 4;
/** Too full: this much over the target all the time, seconds. At 1000 ppm it would take minutes to play away. */
const EXCESS = 0.1;
/** How long it must be too full before samples are skipped, seconds: at first, and at most; doubled after a skip too many. */
const FIRST_SKIP_DELAY = 3;
const MOST_SKIP_DELAY = 48;
/** An underrun within this time after a skip shows that the samples were needed, seconds. */
const SKIP_TRIAL = 10;
/** After this long without a skip the delay is as at first, seconds. */
const SKIP_MEMORY = 120;

/**
 * Holds the buffer between two clocks at a level: a proportional-integral loop from the least fill in each window to a
 * small change of the playing rate. The least fill is what guards against running dry, whatever the size of the
 * blocks in which samples come and go.
 */
export class DriftController {
  private readonly target: number;
  private readonly window: number;
  private least = Number.POSITIVE_INFINITY;
  private elapsed = 0;
  private integral = 0;
  private ppm = 0;
  private tooFullFor = 0;
  private tooFullBy = Number.POSITIVE_INFINITY;
  private skipDelay = FIRST_SKIP_DELAY;
  private wasTooMuch = false;
  private sinceSkip = Number.POSITIVE_INFINITY;

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
   * By how much the buffer has been too full for a while, seconds; else 0. A backlog at the start or after a stall would
   * otherwise stay as a delay: skip so much, and call {@link skipped}.
   */
  get excess(): number {
    return this.tooFullFor >= this.skipDelay ? this.tooFullBy : 0;
  }

  /** The {@link excess} is skipped now. */
  skipped(): void {
    if (this.sinceSkip > SKIP_MEMORY) this.skipDelay = FIRST_SKIP_DELAY;
    this.sinceSkip = 0;
    this.wasTooMuch = false;
    this.forgetFill();
  }

  /**
   * Notes the fill of the buffer just before new samples are added to it, when it is least.
   *
   * @param fillSeconds what waits to be played. @param passedSeconds time since the last call.
   */
  update(fillSeconds: number, passedSeconds: number): void {
    this.least = Math.min(this.least, fillSeconds);
    this.elapsed += passedSeconds;
    this.sinceSkip += passedSeconds;
    if (this.elapsed < this.window) return;
    const error = this.least - this.target;
    this.tooFullFor = error > EXCESS ? this.tooFullFor + this.elapsed : 0;
    this.tooFullBy = error > EXCESS ? Math.min(this.tooFullBy, error) : Number.POSITIVE_INFINITY;
    const sum = this.integral + INTEGRAL * error * this.elapsed * 1e6;
    const wanted = PROPORTIONAL * error * 1e6 + sum;
    // The integral stands still while the loop is at its limit, else it would overshoot on the way back.
    if (Math.abs(wanted) < LIMIT_PPM) this.integral = sum;
    const limited = Math.max(-LIMIT_PPM, Math.min(LIMIT_PPM, wanted));
    this.ppm += Math.max(-SLEW_PPM, Math.min(SLEW_PPM, limited - this.ppm));
    this.least = Number.POSITIVE_INFINITY;
    this.elapsed = 0;
  }

  /** After the speaker ran dry: forgets the fill seen so far; the correction learnt for the clocks stays. */
  restart(): void {
    if (this.sinceSkip < SKIP_TRIAL && !this.wasTooMuch) {
      this.wasTooMuch = true;
      this.skipDelay = Math.min(MOST_SKIP_DELAY, 2 * this.skipDelay);
    }
    this.forgetFill();
  }

  private forgetFill(): void {
    this.least = Number.POSITIVE_INFINITY;
    this.elapsed = 0;
    this.tooFullFor = 0;
    this.tooFullBy = Number.POSITIVE_INFINITY;
  }
}

/** Length of the fades around skipped samples, seconds. */
const FADE_SECONDS = 0.005;

/**
 * Absorbs the drift between the clock of a live source and that of a speaker, and skips a backlog before a speaker, without
 * clicks.
 */
export class DriftCompensator {
  readonly controller: DriftController;
  /** Samples skipped so far because too many were waiting. */
  skippedSamples = 0;
  private readonly most: number;
  private readonly splice: Splice;
  private readonly resampler: VariableResampler;

  constructor(
    readonly format: { sampleRate: number; channels: number },
    options: DriftOptions = {},
  ) {
    this.controller = new DriftController(options);
    this.resampler = new VariableResampler(format.channels);
    this.most = (options.mostSeconds ?? 1) * format.sampleRate;
    this.splice = new Splice(Math.round(FADE_SECONDS * format.sampleRate));
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
    const length = samples[0]?.length ?? 0;
    this.controller.update(fillSamples / sampleRate, length / sampleRate);
    const excess = fillSamples > this.most ? this.most / 2 : this.controller.excess * sampleRate;
    if (excess > 0 && !this.splice.active) {
      this.splice.skip(Math.round(excess));
      this.controller.skipped();
    }
    const kept = this.splice.process(samples);
    this.skippedSamples += length - (kept[0]?.length ?? 0);
    return this.resampler.process(kept, this.controller.step);
  }

  /** The last samples, at the end of the stream. */
  flush(): Float32Array[] {
    return this.resampler.flush(this.controller.step);
  }
}
