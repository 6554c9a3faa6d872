/**
 * Buffers two streams of one timeline (before and after the denoiser) by the index of their samples, and plays one of them
 * at the rate of the sound card. No import of a browser's or Node's.
 */

/** Samples that a ring holds, a power of two: 2.7 s at 48 kHz. */
const SIZE = 2 ** 17;
/**
 * What is to wait, seconds: as much as samples came late in the last seconds, and {@link MARGIN} more. It also grows after an
 * underrun, and falls again slowly.
 */
const LEAST_TARGET = 0.06;
const MOST_TARGET = 0.2;
const MARGIN = 0.02;
const GROWTH = 1.4;
const SHRINK_PER_SECOND = 0.98;
/** How late samples come is looked at over one to two of these, seconds. */
const WINDOW_SECONDS = 8;
/** The rate gives way by this at most: a twentieth of a semitone is not heard. */
const MOST_DRIFT = 0.003;
/** After a stall, when more waits than the target by so much, seconds, it may give way by more, for some seconds. */
const MUCH_AHEAD = 0.08;
const CATCH_UP_DRIFT = 0.015;
/** What waits beyond the target by more than this is skipped, seconds: after a hidden tab, say. */
const MOST_AHEAD = 0.35;
/** Time constant of the switch between the streams, seconds. */
const FADE_SECONDS = 0.008;

export class JitterRing {
  underruns = 0;
  skippedSamples = 0;
  targetSeconds = LEAST_TARGET;
  /** Which stream is heard: 0 before, 1 after, and their gains for equal loudness. */
  heard: 0 | 1 = 1;
  gains: [number, number] = [1, 1];
  #rings = [new Float32Array(SIZE), new Float32Array(SIZE)];
  /** Index after the last sample of each stream. */
  #ends = [0, 0];
  #position = 0;
  #isPlaying = false;
  #mix = 1;
  /** Lateness of the samples that came in this window and in the one before, seconds on any one clock. */
  #late: { since: number; least: number; most: number }[] = [];

  constructor(
    /** Hz. */
    readonly sampleRate: number,
    readonly outputRate: number,
  ) {}

  /** What waits of the stream that came least far, seconds. */
  get waitingSeconds(): number {
    return Math.max(0, Math.min(...this.#ends) - this.#position) / this.sampleRate;
  }

  /** Puts samples where they belong; a gap is silence. @param now when they came, seconds on any one clock */
  write(stream: 0 | 1, firstSample: number, samples: Float32Array, now: number): void {
    const ring = this.#rings[stream];
    const end = this.#ends[stream];
    if (Math.abs(firstSample - end) > SIZE / 2) {
      // Another timeline: the first samples, or a source that began anew.
      ring.fill(0);
      this.#isPlaying = false;
      this.#late = [];
    } else for (let n = end; n < firstSample; n++) ring[n & (SIZE - 1)] = 0;
    for (let n = 0; n < samples.length; n++) ring[(firstSample + n) & (SIZE - 1)] = samples[n];
    this.#ends[stream] = firstSample + samples.length;
    this.#noteArrival(now, now - firstSample / this.sampleRate);
  }

  /** Raises the target to what the arrivals of the last seconds need. */
  #noteArrival(now: number, late: number): void {
    const [window] = this.#late;
    if (window === undefined || now - window.since > WINDOW_SECONDS)
      this.#late = [{ since: now, least: late, most: late }, ...this.#late.slice(0, 1)];
    else {
      window.least = Math.min(window.least, late);
      window.most = Math.max(window.most, late);
    }
    const spread =
      Math.max(...this.#late.map(({ most }) => most)) - Math.min(...this.#late.map(({ least }) => least));
    this.targetSeconds = Math.min(MOST_TARGET, Math.max(this.targetSeconds, spread + MARGIN));
  }

  /** Fills `out` with the next samples at the output's rate; silence while too little waits. */
  read(out: Float32Array): void {
    const seconds = out.length / this.outputRate;
    if (!this.#isPlaying && !this.#start()) {
      out.fill(0);
      return;
    }
    const ahead = this.waitingSeconds - this.targetSeconds;
    if (ahead > MOST_AHEAD) {
      const skipped = Math.round(ahead * this.sampleRate);
      this.#position += skipped;
      this.skippedSamples += skipped;
    }
    const drift = Math.max(
      -MOST_DRIFT,
      Math.min(ahead > MUCH_AHEAD ? CATCH_UP_DRIFT : MOST_DRIFT, ahead * 0.05),
    );
    const step = (this.sampleRate / this.outputRate) * (1 + drift);
    if (this.waitingSeconds * this.sampleRate < out.length * step + 3) {
      this.underruns++;
      this.#isPlaying = false;
      this.targetSeconds = Math.min(MOST_TARGET, this.targetSeconds * GROWTH);
      out.fill(0);
      return;
    }
    this.targetSeconds = Math.max(LEAST_TARGET, this.targetSeconds * SHRINK_PER_SECOND ** seconds);
    const fade = 1 - Math.exp(-1 / (FADE_SECONDS * this.outputRate));
    for (let n = 0; n < out.length; n++) {
      this.#mix += fade * (this.heard - this.#mix);
      const before = this.#mix < 0.9999 ? this.gains[0] * this.#at(0) : 0;
      const after = this.#mix > 0.0001 ? this.gains[1] * this.#at(1) : 0;
      out[n] = before * (1 - this.#mix) + after * this.#mix;
      this.#position += step;
    }
  }

  #start(): boolean {
    const end = Math.min(...this.#ends);
    const target = Math.round(this.targetSeconds * this.sampleRate);
    if (Math.abs(this.#ends[0] - this.#ends[1]) > SIZE / 4) return false;
    if (this.#position > end || end - this.#position > SIZE / 2) this.#position = Math.max(0, end - 2);
    if (end - this.#position < target) return false;
    this.#position = end - target;
    this.#isPlaying = true;
    return true;
  }

  /** The stream between its samples, by the cubic of Catmull and Rom (1974). */
  #at(stream: 0 | 1): number {
    const ring = this.#rings[stream];
    const index = Math.floor(this.#position);
    const t = this.#position - index;
    const mask = SIZE - 1;
    const a = ring[(index - 1) & mask];
    const b = ring[index & mask];
    const c = ring[(index + 1) & mask];
    const d = ring[(index + 2) & mask];
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }
}
