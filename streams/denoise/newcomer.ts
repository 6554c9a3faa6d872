import type { InputHistory } from './input-history.js';
import type { OpenDenoiser } from './live-denoiser.js';
import { SlotLane } from './slot-lane.js';

/** Most audio in one warm-up job, seconds: jobs of the running denoiser wait for one of them at most. */
const PIECE_SECONDS = 0.25;

export interface NewcomerOptions {
  sampleRate: number;
  channels: number;
  /** Length of the history that it is warmed with, samples. */
  warmSamples: number;
  /** Index of the input sample that its cross-fade is to begin with; left out: as soon as it is warm. */
  at?: number | undefined;
}

/**
 * A denoiser on its way into a slot. It is warmed with recent input, and with what arrives meanwhile, until it has caught up.
 * Then it runs beside the current one, and the slot cross-fades.
 */
export class Newcomer {
  lane: SlotLane | undefined;
  /** Index of the first sample of the cross-fade; known once it runs beside the present one. */
  fadesFrom: number | undefined;
  /** Resolves with the index at which the cross-fade began, when it has ended. */
  readonly done: Promise<number>;
  resolve!: (at: number) => void;
  #reject!: (error: unknown) => void;
  #isWarm = false;
  #startsAgain = false;
  #isGone = false;

  constructor(
    readonly opened: OpenDenoiser,
    private readonly options: NewcomerOptions,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.#reject = reject;
    });
  }

  get at(): number | undefined {
    return this.options.at;
  }

  /** Whether it has caught up with the input. */
  get isWarm(): boolean {
    return this.#isWarm;
  }

  /** Feeds it the history, and the input that arrives meanwhile. Rejects with what the denoiser throws. */
  async warm(history: InputHistory): Promise<void> {
    const { channels, warmSamples, sampleRate } = this.options;
    const piece = Math.round(PIECE_SECONDS * sampleRate);
    const start = Math.max(history.start, history.end - warmSamples);
    const lane = new SlotLane(this.opened, channels, start);
    this.lane = lane;
    for (;;) {
      if (this.#startsAgain) lane.reset(history.start);
      this.#startsAgain = false;
      history.keptFrom = lane.fed;
      const count = Math.min(piece, history.end - lane.fed);
      if (count === 0 || this.#isGone) break;
      await lane.feed(history.read(lane.fed, count));
    }
    history.keptFrom = Number.POSITIVE_INFINITY;
    this.#isWarm = !this.#isGone;
  }

  /** The input breaks: warming starts again with what follows. */
  reset(history: InputHistory): void {
    if (this.#isWarm) this.lane!.reset(history.end);
    // A job is under way: the loop in `warm` resets it afterwards.
    else this.#startsAgain = true;
  }

  /** By how many samples it is behind the input. */
  behind(history: InputHistory): number {
    return this.lane === undefined ? 0 : history.end - this.lane.fed;
  }

  /** Gives up: warming ends after the job that is under way. */
  refuse(error: unknown): void {
    this.#isGone = true;
    this.opened.close();
    this.#reject(error);
  }
}
