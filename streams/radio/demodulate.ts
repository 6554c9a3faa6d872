import { Transform, type TransformCallback } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { toDenoiseError } from '../../src/errors.js';
import type { Discontinuity } from '../discontinuity.js';
import type { IqChunk } from '../sources/iq-chunk.js';
import { AudioChunker } from './audio-chunker.js';
import type { Mode } from './modes.js';
import type { ReceiverStatus } from './received-audio.js';
import { Receiver } from './receiver.js';
import { defencesOf, isReceivable, type ModeChoice, type ReceiverOptions } from './receiver-options.js';

/** {@link ReceiverOptions} less what the chunks tell: their rate and centre frequency. */
export type DemodulateOptions = Omit<ReceiverOptions, 'inputRate' | 'centreHz'>;

/** A frequency and how to receive there; rates as in {@link DemodulateOptions}. */
export interface Tuning {
  tuneHz: number;
  mode: Mode;
  audioRate?: number;
}

/**
 * Transform from {@link IqChunk} to {@link AudioChunk} (one channel). A `Receiver` is built at the first chunk, and anew
 * when the sample rate changes; when the centre frequency changes the receiver keeps its own, and is silent while that
 * lies outside the band received. After lost samples the filters start afresh with the gain that there was, and the
 * audio's `firstSample` jumps by the time lost.
 *
 * Chunks carry the state of the squelch, which silences nothing here: put a `Gate` last.
 *
 * Emits `receiver` (the {@link Receiver}, whenever one is built), `status` ({@link ReceiverStatus}, after each chunk;
 * the same object every time), `outside` (the centre frequency, Hz, when what is listened to is no longer received) and
 * `broken` (once, when samples come that are NaN, infinite or far too large).
 */
export class Demodulate extends Transform {
  #receiver: Receiver | undefined;
  #options: DemodulateOptions;
  readonly #chunker = new AudioChunker();
  #nextIq = 0n;
  /** Time of the first radio sample, seconds: audio is counted from there. */
  #startSeconds: number | undefined;
  #whenMoved: Tuning | undefined;
  #outside = false;
  #broken = false;

  /** @param choose What is wanted in a mode instead of its defaults, whenever it is taken up. */
  constructor(
    options: DemodulateOptions,
    private readonly choose: (mode: Mode) => ModeChoice = () => ({}),
  ) {
    super({ objectMode: true, readableHighWaterMark: 8, writableHighWaterMark: 8 });
    this.#options = options;
  }

  /** The receiver, for retuning and status; `undefined` before the first chunk. */
  get receiver(): Receiver | undefined {
    return this.#receiver;
  }

  /** Time of the radio samples received so far, seconds; 0 before the first chunk. */
  get seconds(): number {
    return this.#receiver === undefined ? 0 : Number(this.#nextIq) / this.#receiver.options.inputRate;
  }

  /**
   * Listens to another place or in another mode as soon as the source's centre frequency has changed to where that can
   * be; `undefined` takes it back. For what lies outside the band received now; the rest is the receiver's own matter.
   */
  tuneWhenMoved(tuning: Tuning | undefined): void {
    this.#whenMoved = tuning;
  }

  /**
   * Changes the mode, and with it what the mode decides by default. What the old mode's filters still hold is given out
   * first; the new audio takes over where that ends, so that time goes on without a gap, and both fade towards the seam.
   * Where the rate changes, the first chunk at the new one carries a discontinuity of no lost samples.
   *
   * @param audioRate rate of the audio from now on, Hz; default as before
   * @param place where, when not here, and with which squelch or code, when with another
   * @throws UsageError when the mode's channel does not fit into the band there; nothing has changed then
   */
  setMode(
    mode: Mode,
    audioRate = this.#receiver?.options.audioRate,
    place: Partial<Pick<ReceiverOptions, 'tuneHz' | 'centreHz' | 'squelch' | 'squelchCode'>> = {},
  ): void {
    const old = this.#receiver;
    const rate = audioRate === undefined ? {} : { audioRate };
    if (old === undefined || this.writableEnded || this.destroyed) {
      this.#options = { ...this.#options, mode, ...rate };
      return;
    }
    const { inputRate } = old.options;
    const { tuneHz, centreHz, squelch, squelchCode } = { ...old.options, ...place };
    const defences = { ...defencesOf(old.options), squelchCode };
    const kept = { inputRate, centreHz, tuneHz, squelch, mode, ...rate, ...defences };
    const next = new Receiver({ ...kept, ...this.choose(mode) });
    const { audioRate: nextRate } = next.options;
    this.#options = { tuneHz, mode, squelch, audioRate: nextRate, ...defencesOf(next.options) };
    this.#takeOver(old, next);
  }

  /**
   * Tunes within the band, or to where the source has moved. A jump that the filters would be heard to change over in is
   * made as a change of mode is: another receiver takes over, between two fades.
   *
   * @throws UsageError when the channel does not lie inside the band there; nothing has changed then
   */
  retune(tuneHz: number, centreHz = this.#receiver?.options.centreHz): void {
    const old = this.#receiver;
    if (old === undefined || centreHz === undefined) {
      this.#options = { ...this.#options, tuneHz };
      return;
    }
    const { tuneHz: from, bandwidthHz } = old.options;
    const isOver = this.writableEnded || this.destroyed;
    if (isOver || Math.abs(tuneHz - from) <= bandwidthHz / 4) {
      old.follow(tuneHz, centreHz);
      return;
    }
    const next = old.clone();
    next.follow(tuneHz, centreHz);
    next.agcGain = old.agcGain;
    this.#takeOver(old, next);
  }

  #takeOver(old: Receiver, next: Receiver): void {
    for (const chunk of this.#chunker.takeOver(old, next)) this.push(chunk);
    this.#receiver = next;
    this.emit('receiver', next);
  }

  override _transform(chunk: IqChunk, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      const receiver = this.#receiverFor(chunk);
      const discontinuity = this.#gapBefore(chunk, receiver);
      // Of a band that does not hold the channel nothing is heard, but time goes on.
      const heard = this.#outside ? new Float32Array(chunk.samples.length) : chunk.samples;
      const received = receiver.process(heard);
      const { status } = received;
      this.#nextIq = chunk.firstSample + BigInt(chunk.samples.length >> 1);
      for (const one of this.#chunker.chunks(received, discontinuity)) this.push(one);
      this.emit('status', status satisfies Readonly<ReceiverStatus>);
      if (status.brokenSamples > 0 && !this.#broken) this.emit('broken');
      this.#broken ||= status.brokenSamples > 0;
      done();
    } catch (error) {
      done(toDenoiseError(error, 'Demodulating'));
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      const rest = this.#receiver?.flush();
      if (rest !== undefined) for (const chunk of this.#chunker.chunks(rest, undefined)) this.push(chunk);
      done();
    } catch (error) {
      done(toDenoiseError(error, 'Demodulating'));
    }
  }

  #receiverFor(chunk: IqChunk): Receiver {
    const { sampleRate, centreHz } = chunk;
    const current = this.#receiver;
    if (current !== undefined && current.options.inputRate === sampleRate) {
      if (current.options.centreHz === centreHz) this.#outside = false;
      else this.#follow(current, centreHz);
      return this.#receiver!;
    }
    if (current !== undefined) {
      const { tuneHz, mode, squelch, audioRate } = current.options;
      this.#options = { ...this.#options, tuneHz, mode, squelch, audioRate };
    }
    this.#startSeconds ??= Number(chunk.firstSample) / sampleRate;
    const chosen = this.choose(this.#options.mode);
    const receiver = new Receiver({ ...this.#options, ...chosen, inputRate: sampleRate, centreHz });
    this.#receiver = receiver;
    this.#chunker.begin(receiver.options.audioRate);
    this.#outside = false;
    this.#nextIq = chunk.firstSample;
    this.emit('receiver', receiver);
    return receiver;
  }

  #follow(receiver: Receiver, centreHz: number): void {
    const { inputRate, tuneHz, mode, bandwidthHz } = receiver.options;
    const place = [this.#whenMoved, { tuneHz, mode }].find((one) => {
      if (one === undefined) return false;
      const width = one.mode === mode ? { bandwidthHz } : this.choose(one.mode);
      return isReceivable({ ...one, ...width, inputRate, centreHz });
    });
    if (place === undefined) {
      if (!this.#outside) this.emit('outside', centreHz);
      this.#outside = true;
      return;
    }
    if (place === this.#whenMoved) this.#whenMoved = undefined;
    this.#outside = false;
    if (place.mode === mode) this.retune(place.tuneHz, centreHz);
    else this.setMode(place.mode, place.audioRate, { tuneHz: place.tuneHz, centreHz });
  }

  #gapBefore(chunk: IqChunk, receiver: Receiver): Discontinuity | undefined {
    const { discontinuity, firstSample } = chunk;
    if (discontinuity === undefined && firstSample === this.#nextIq) return undefined;
    const { inputRate, audioRate } = receiver.options;
    const lost = firstSample - this.#nextIq;
    const lostAudio = lost > 0n ? (lost * BigInt(audioRate)) / BigInt(inputRate) : 0n;
    const { agcGain } = receiver;
    receiver.reset();
    receiver.agcGain = agcGain;
    const seconds = Number(firstSample) / inputRate;
    if (lost < 0n) this.#startSeconds = seconds - this.#chunker.seconds;
    const lostSamples = this.#chunker.skipTo(seconds - this.#startSeconds!, lostAudio);
    const isKnown = discontinuity === undefined || discontinuity.lostSamples !== undefined;
    return {
      ...(isKnown ? { lostSamples } : {}),
      reason: discontinuity?.reason ?? `${lost} radio samples are missing`,
    };
  }
}
