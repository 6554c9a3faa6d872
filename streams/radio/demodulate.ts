import { Transform, type TransformCallback } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { toDenoiseError } from '../../src/errors.js';
import type { IqChunk } from '../iq-chunk.js';
import { Receiver, type ReceiverStatus } from './receiver.js';
import type { ReceiverOptions } from './receiver-options.js';

/** {@link ReceiverOptions} less what the chunks tell: their rate and centre frequency. */
export type DemodulateOptions = Omit<ReceiverOptions, 'inputRate' | 'centreHz'>;

/**
 * Transform from {@link IqChunk} to {@link AudioChunk} (one channel). A `Receiver` is built at the first chunk, and anew
 * when the sample rate changes; when the centre frequency changes the receiver keeps its own. After lost samples the
 * filters start afresh, and the sound's `firstSample` jumps by the time lost.
 *
 * Emits `receiver` (the {@link Receiver}, whenever one is built) and `status` ({@link ReceiverStatus}, after each
 * chunk; the same object every time).
 */
export class Demodulate extends Transform {
  #receiver: Receiver | undefined;
  #options: DemodulateOptions;
  #nextAudio = 0n;
  #nextIq = 0n;
  #tuneThere: number | undefined;

  constructor(options: DemodulateOptions) {
    super({ objectMode: true, readableHighWaterMark: 8, writableHighWaterMark: 8 });
    this.#options = options;
  }

  /** The receiver, for retuning and status; `undefined` before the first chunk. */
  get receiver(): Receiver | undefined {
    return this.#receiver;
  }

  /**
   * Tunes to `hz` as soon as the source's centre frequency changes, with the first chunk from there; `undefined` takes
   * it back. For frequencies outside the band that is received now; those inside are the receiver's own matter.
   */
  tuneWhenMoved(hz: number | undefined): void {
    this.#tuneThere = hz;
  }

  override _transform(chunk: IqChunk, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      const receiver = this.#receiverFor(chunk);
      const discontinuity = this.#gapBefore(chunk, receiver);
      const { audio, status } = receiver.process(chunk.samples);
      this.#nextIq = chunk.firstSample + BigInt(chunk.samples.length >> 1);
      this.#push(audio, discontinuity);
      this.emit('status', status satisfies Readonly<ReceiverStatus>);
      done();
    } catch (error) {
      done(toDenoiseError(error, 'Demodulating'));
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      if (this.#receiver !== undefined) this.#push(this.#receiver.flush(), undefined);
      done();
    } catch (error) {
      done(toDenoiseError(error, 'Demodulating'));
    }
  }

  #receiverFor(chunk: IqChunk): Receiver {
    const { sampleRate, centreHz } = chunk;
    const current = this.#receiver;
    if (current !== undefined && current.options.inputRate === sampleRate) {
      if (current.options.centreHz === centreHz) return current;
      current.follow(this.#tuneThere ?? current.options.tuneHz, centreHz);
      this.#tuneThere = undefined;
      return current;
    }
    if (current !== undefined) {
      const { tuneHz, mode, squelch } = current.options;
      this.#options = { ...this.#options, tuneHz, mode, squelch };
    }
    const receiver = new Receiver({ ...this.#options, inputRate: sampleRate, centreHz });
    this.#receiver = receiver;
    this.#nextIq = chunk.firstSample;
    this.emit('receiver', receiver);
    return receiver;
  }

  #gapBefore(chunk: IqChunk, receiver: Receiver): AudioChunk['discontinuity'] {
    const { discontinuity, firstSample } = chunk;
    if (discontinuity === undefined && firstSample === this.#nextIq) return undefined;
    const { inputRate, audioRate } = receiver.options;
    const lost = firstSample - this.#nextIq;
    const lostAudio = lost > 0n ? (lost * BigInt(audioRate)) / BigInt(inputRate) : 0n;
    receiver.reset();
    this.#nextAudio += lostAudio;
    const known = discontinuity === undefined || discontinuity.lostSamples !== undefined;
    return {
      ...(known ? { lostSamples: lostAudio } : {}),
      reason: discontinuity?.reason ?? `${lost} radio samples are missing`,
    };
  }

  #push(audio: Float32Array, discontinuity: AudioChunk['discontinuity']): void {
    const receiver = this.#receiver!;
    if (audio.length === 0 && discontinuity === undefined) return;
    const chunk: AudioChunk = {
      // The receiver uses its buffer again at the next chunk, which may come before this one is read.
      samples: [audio.slice()],
      sampleRate: receiver.options.audioRate,
      firstSample: this.#nextAudio,
      ...(discontinuity === undefined ? {} : { discontinuity }),
    };
    this.#nextAudio += BigInt(audio.length);
    this.push(chunk);
  }
}
