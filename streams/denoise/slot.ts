import { EventEmitter } from 'node:events';
import { concat } from '../../src/audio/concat.js';
import type { Model } from '../../src/engine/model.js';
import { DenoiseError, ModelError, toDenoiseError } from '../../src/errors.js';
import { takeMixed } from './cross-fade.js';
import { InputHistory } from './input-history.js';
import { checkDelay, delayOf, type LiveDenoiser, type OpenDenoiser } from './live-denoiser.js';
import { modelDenoiser } from './model-denoiser.js';
import { Newcomer } from './newcomer.js';
import { Seam } from './seam.js';
import { SlotLane } from './slot-lane.js';
import type { SlotEvents, SlotOptions, SwapOptions } from './slot-options.js';

/** Length of the cross-fade from one denoiser to the next, seconds. */
const CROSS_FADE_SECONDS = 0.05;
/** `process` waits for a newcomer that is no further behind than this, seconds. */
const CATCH_UP_SECONDS = 0.1;

/**
 * Holds the denoiser of a running stream, and exchanges it without a lost sample, a click or a change of the delay. A
 * newcomer is warmed on recent input, then both run, and the output goes from one to the other in a linear cross-fade of 50
 * ms. It stands under `Denoise`, like any other denoiser.
 *
 * There is one transition at a time. A swap that is asked for meanwhile waits; a further one takes the place of the one that
 * waits, which is rejected with `E_SWAP_REPLACED`.
 */
export class DenoiserSlot extends EventEmitter<SlotEvents> implements LiveDenoiser {
  readonly latencySamples: number;
  readonly #history: InputHistory;
  readonly #fadeSamples: number;
  readonly #warmSamples: number;
  readonly #hop: number;
  readonly #delaySamples: number;
  readonly #seam: Seam;
  /** Index of the sample that the signal began with, at the last reset: hops are counted from there. */
  #origin = 0;
  #current: SlotLane | undefined;
  #newcomer: Newcomer | undefined;
  /** Where its cross-fade must begin, if the caller said so. */
  #fadeDue: number | undefined;
  #warming: Promise<void> | undefined;
  #waiting: Newcomer | undefined;
  /** Index of the next sample out. */
  #emitted = 0;
  #isClosed = false;

  /** @param first Belongs to the slot from now on, as do all that follow: it closes them when they are no longer needed. */
  constructor(
    private readonly options: SlotOptions,
    first: OpenDenoiser,
  ) {
    super();
    const { sampleRate, channels, historySeconds = 2 } = options;
    this.#hop = Math.max(1, Math.round(first.hopSeconds * sampleRate));
    this.#delaySamples =
      options.delaySamples ?? Math.max(delayOf(first, sampleRate), first.mostDelaySamples ?? 0);
    this.latencySamples = this.#delaySamples - this.#hop;
    checkDelay(first, sampleRate, this.#delaySamples);
    this.#fadeSamples = Math.round(CROSS_FADE_SECONDS * sampleRate);
    // A newcomer that takes over must have heard all that was not given out yet.
    this.#warmSamples = Math.max(Math.round(historySeconds * sampleRate), this.#delaySamples);
    this.#history = new InputHistory(channels, this.#warmSamples);
    this.#seam = new Seam(channels, this.#fadeSamples);
    this.#current = new SlotLane(first, channels, 0);
  }

  /**
   * Exchanges the denoiser for `next`.
   *
   * @returns the index of the input sample where the cross-fade began, once it has ended
   * @throws ModelError `E_SLOT_LATENCY` when `next` needs more delay than the slot has; DenoiseError `E_SWAP_REPLACED`,
   *   `E_SLOT_CLOSED`; what `next` itself throws. The one before goes on then.
   */
  swap(next: OpenDenoiser | Model, { at }: SwapOptions = {}): Promise<number> {
    const { sampleRate, channels } = this.options;
    const opened = 'createStream' in next ? modelDenoiser(next)({ sampleRate, channels }) : next;
    try {
      this.#checkOpen();
      checkDelay(opened, sampleRate, this.#delaySamples);
    } catch (error) {
      opened.close();
      return Promise.reject(error);
    }
    const newcomer = new Newcomer(opened, { sampleRate, channels, warmSamples: this.#warmSamples, at });
    if (this.#newcomer === undefined) this.#begin(newcomer);
    else {
      this.#waiting?.refuse(new DenoiseError('E_SWAP_REPLACED', 'Another swap was asked for.'));
      this.#waiting = newcomer;
    }
    return newcomer.done;
  }

  async process(samples: readonly Float32Array[]): Promise<Float32Array[]> {
    this.#checkOpen();
    const length = samples[0].length;
    const pieces: Float32Array[][] = [];
    let done = 0;
    do {
      await this.#join();
      const untilFade = (this.#fadeDue ?? Number.POSITIVE_INFINITY) - this.#history.end;
      const count = Math.min(length - done, untilFade);
      const piece = samples.map((channel) => channel.subarray(done, done + count));
      this.#history.push(piece);
      await this.#run((lane) => lane.feed(piece));
      pieces.push(this.#take(this.#due));
      done += count;
    } while (done < length);
    return pieces.length === 1 ? pieces[0] : pieces[0].map((_, c) => concat(pieces.map((one) => one[c])));
  }

  async flush(): Promise<Float32Array[]> {
    this.#checkOpen();
    await this.#run((lane) => lane.flush());
    const rest = this.#take(this.#history.end);
    // The signal is over: there is nothing left to fade through.
    if (this.#newcomer?.fadesFrom !== undefined) this.#finish(this.#newcomer);
    return rest;
  }

  /** Forgets what was heard. A cross-fade ends at once, because nothing of the signal goes on; warming starts again. */
  reset(): void {
    this.#history.clear();
    this.#origin = this.#history.end;
    this.#emitted = this.#origin;
    this.#seam.reset();
    this.#current?.reset(this.#emitted);
    const newcomer = this.#newcomer;
    if (newcomer?.lane === undefined) return;
    newcomer.reset(this.#history);
    if (newcomer.fadesFrom !== undefined) this.#finish(newcomer);
  }

  /** Closes whatever is in the slot; swaps that have not ended are rejected with `E_SLOT_CLOSED`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#current?.opened.close();
    this.#current = undefined;
    const error = new DenoiseError('E_SLOT_CLOSED', 'The stream ended before the model was exchanged.');
    this.#newcomer?.refuse(error);
    this.#waiting?.refuse(error);
    this.#newcomer = undefined;
    this.#waiting = undefined;
  }

  #begin(newcomer: Newcomer): void {
    const { at } = newcomer;
    this.#newcomer = newcomer;
    this.#fadeDue = at === undefined || at < this.#history.end ? undefined : this.#hopFrom(at);
    if (this.#fadeDue === undefined) this.#warming = this.#warm(newcomer);
  }

  /** Never rejects. */
  async #warm(newcomer: Newcomer): Promise<void> {
    try {
      await newcomer.warm(this.#history);
      this.#fill();
    } catch (error) {
      this.#drop(newcomer, error);
    }
  }

  /** Lets the newcomer run beside the present denoiser if it has heard all input so far, or if it is time to wait for it. */
  async #join(): Promise<void> {
    const newcomer = this.#newcomer;
    if (newcomer === undefined || newcomer.fadesFrom !== undefined) return;
    if (this.#fadeDue === this.#history.end) this.#warming = this.#warm(newcomer);
    else if (this.#fadeDue !== undefined) return;
    const behind = newcomer.behind(this.#history);
    const isNear = behind <= CATCH_UP_SECONDS * this.options.sampleRate;
    const mayTakeLonger = this.#fadeDue === undefined && behind < 2 * this.#warmSamples;
    if (!newcomer.isWarm && !isNear && mayTakeLonger) return;
    await this.#warming;
    if (this.#newcomer !== newcomer || this.#current === undefined) return;
    this.#fadeDue = undefined;
    newcomer.fadesFrom = this.#hopFrom(this.#history.end);
    newcomer.lane!.dropUntil(this.#emitted);
  }

  /** The first sample from `at` on with which a hop begins. */
  #hopFrom(at: number): number {
    return this.#origin + Math.ceil((at - this.#origin) / this.#hop) * this.#hop;
  }

  /** Index up to which samples may come out now: a hop at a time, as a denoiser gives them. */
  get #due(): number {
    const hops = Math.floor((this.#history.end - this.#origin) / this.#hop);
    return this.#origin + (hops + 1) * this.#hop - this.#delaySamples;
  }

  async #run(act: (lane: SlotLane) => Promise<void>): Promise<void> {
    const current = this.#current;
    const newcomer = this.#newcomer?.fadesFrom === undefined ? undefined : this.#newcomer;
    if (current === undefined) {
      this.#checkOpen();
      throw new ModelError('E_SLOT_EMPTY', 'The denoiser failed, and no other has taken its place.');
    }
    const [first, second] = await Promise.allSettled([act(current), newcomer && act(newcomer.lane!)]);
    this.#checkOpen();
    if (newcomer !== undefined && second.status === 'rejected') this.#drop(newcomer, second.reason);
    if (first.status === 'fulfilled') return;
    const error = toDenoiseError(first.reason, 'Denoising');
    this.emit('failed', error);
    if (newcomer !== undefined && newcomer === this.#newcomer) {
      this.#seam.break();
      this.#finish(newcomer);
      return;
    }
    current.opened.close();
    this.#current = undefined;
    // In a later turn, so that listeners get `failed` before `swapped`.
    setImmediate(() => this.#fill());
    throw error;
  }

  /** Output samples up to `limit`, as far as they are there. */
  #take(limit: number): Float32Array[] {
    const newcomer = this.#newcomer;
    const out = takeMixed(this.#current!, newcomer, this.#emitted, limit, this.#fadeSamples);
    this.#seam.join(out);
    this.#emitted += out[0].length;
    if (newcomer?.fadesFrom !== undefined && this.#emitted >= newcomer.fadesFrom + this.#fadeSamples)
      this.#finish(newcomer);
    return out;
  }

  /** An empty slot takes what is warm at once: there is nothing to fade from. */
  #fill(): void {
    if (this.#current === undefined && this.#newcomer?.isWarm) this.#finish(this.#newcomer);
  }

  #finish(newcomer: Newcomer): void {
    const at = newcomer.fadesFrom ?? this.#history.end;
    this.#current?.opened.close();
    this.#current = newcomer.lane!;
    this.#beginNext();
    newcomer.resolve(at);
    this.emit('swapped', at);
  }

  #drop(newcomer: Newcomer, error: unknown): void {
    if (this.#newcomer !== newcomer) return;
    if (newcomer.fadesFrom !== undefined && this.#emitted > newcomer.fadesFrom) this.#seam.break();
    newcomer.refuse(toDenoiseError(error, 'Exchanging the model'));
    this.#beginNext();
  }

  #beginNext(): void {
    const next = this.#waiting;
    this.#newcomer = undefined;
    this.#waiting = undefined;
    this.#fadeDue = undefined;
    if (next !== undefined) this.#begin(next);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new DenoiseError('E_SLOT_CLOSED', 'The stream has ended.');
  }
}
