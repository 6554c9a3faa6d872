import type { Attached } from '../../streams/live/listeners.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import type { AudioChunk } from '../audio/chunk.js';
import { SampleQueue } from '../audio/sample-queue.js';
import { findNoise } from './noise-finder.js';
import type { NoiseOrigin, NoiseStore } from './noise-store.js';

export interface CaptureOptions {
  store: NoiseStore;
  profile: string;
  /** Where the audio comes from; the radio's frequency and mode are added. */
  source: string;
  /** Told of a failure to keep a piece; capturing ends then. */
  onError(error: unknown): void;
}

/** Audio is looked at in windows of this length, seconds. */
const WINDOW_SECONDS = 8;
/** A window must be noise for so large a share where a radio says that nobody sends. The model may err once. */
const NOISE_SHARE = 0.8;
/** Shorter stretches of noise are not kept, seconds. */
const LEAST_SECONDS = 0.5;
/** Samples after the squelch shut that are not taken, seconds: the tail of the transmission. */
const SHUT_SECONDS = 0.2;

/**
 * Keeps the noise of a running session: what comes before the gate while nobody speaks. Of a radio with a squelch that is the
 * time in which it is shut; in any case it is what the running model takes away almost wholly. Speech is not kept.
 */
export class NoiseCapture {
  readonly #attached: Attached[] = [];
  readonly #before = new SampleQueue();
  readonly #after = new SampleQueue();
  /** For every sample before the model, 1 where the squelch is open or has just shut. */
  readonly #open = new SampleQueue();
  #rate = 0;
  #sinceOpen = Number.POSITIVE_INFINITY;
  #hasSquelch = false;
  #working: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: LiveSession,
    private readonly options: CaptureOptions,
  ) {
    const budget = { queue: 256 };
    this.#attached.push(
      session.attach((chunk, missed) => this.#heard(chunk, missed), {
        ...{ what: 'received', name: 'noise capture', budget },
      }),
      session.attach((chunk, missed) => this.#cleaned(chunk, missed), {
        ...{ what: 'denoised', name: 'noise capture (denoised)', budget },
      }),
    );
  }

  /** Ends the capture; what is being kept is kept before it resolves. */
  async close(): Promise<void> {
    for (const attached of this.#attached) attached.detach();
    await this.#working;
  }

  #heard({ samples, sampleRate, squelchOpen, discontinuity }: AudioChunk, missed: number): void {
    if (missed > 0 || discontinuity !== undefined || sampleRate !== this.#rate) this.#restart(sampleRate);
    const [mono] = samples;
    this.#hasSquelch ||= squelchOpen !== undefined;
    this.#sinceOpen = squelchOpen === true ? 0 : this.#sinceOpen + mono.length;
    const near = this.#sinceOpen < SHUT_SECONDS * sampleRate + mono.length;
    this.#before.push(mono);
    this.#open.push(new Float32Array(mono.length).fill(near ? 1 : 0));
  }

  #cleaned({ samples, discontinuity }: AudioChunk, missed: number): void {
    if (missed > 0 || discontinuity !== undefined) this.#restart(this.#rate);
    this.#after.push(samples[0]);
    const window = Math.round(WINDOW_SECONDS * this.#rate);
    if (window === 0 || this.#after.length < window || this.#before.length < window) return;
    const [before, after, open] = [this.#before, this.#after, this.#open].map((queue) => queue.take(window));
    const rate = this.#rate;
    this.#working = this.#working
      .then(() => this.#keep(before, after, open, rate))
      .catch((error: unknown) => {
        for (const attached of this.#attached) attached.detach();
        this.options.onError(error);
      });
  }

  /** The two streams would no longer be in step. */
  #restart(sampleRate: number): void {
    this.#rate = sampleRate;
    for (const queue of [this.#before, this.#after, this.#open]) queue.clear();
  }

  async #keep(before: Float32Array, after: Float32Array, open: Float32Array, rate: number): Promise<void> {
    const { store, profile, source } = this.options;
    const found = findNoise(before, after, rate).filter(
      ({ from, to }) =>
        to - from >= LEAST_SECONDS * rate && open.subarray(from, to).every((one) => one === 0),
    );
    const share = found.reduce((sum, { from, to }) => sum + to - from, 0) / before.length;
    if (this.#hasSquelch && share < NOISE_SHARE) return;
    const radio = this.session.status.radio;
    const origin: NoiseOrigin = {
      source,
      ...(radio && { frequencyHz: radio.frequencyHz, mode: radio.mode }),
    };
    for (const { from, to } of found) await store.add(before.slice(from, to), rate, profile, origin);
  }
}
