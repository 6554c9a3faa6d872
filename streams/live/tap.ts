import { Transform, type TransformCallback } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';

/** Looks at every chunk that passes. */
export class Tap<C> extends Transform {
  constructor(private readonly look: (chunk: C) => void) {
    super({ objectMode: true, readableHighWaterMark: 2, writableHighWaterMark: 2 });
  }

  override _transform(chunk: C, _encoding: BufferEncoding, done: TransformCallback): void {
    this.look(chunk);
    done(null, chunk);
  }
}

/** Passes so much audio, to the sample, and drops the rest. Emits `reached` once. */
export class Limit extends Transform {
  #left: number;

  /** @param sampleRate Rate of the audio at first, Hz. */
  constructor(
    seconds: number,
    private sampleRate: number,
  ) {
    super({ objectMode: true, readableHighWaterMark: 2, writableHighWaterMark: 2 });
    this.#left = Math.round(seconds * sampleRate);
  }

  override _transform(chunk: AudioChunk, _encoding: BufferEncoding, done: TransformCallback): void {
    if (chunk.sampleRate !== this.sampleRate) {
      // Up, so that what is left never becomes nothing without being reached.
      this.#left = Math.ceil((this.#left / this.sampleRate) * chunk.sampleRate);
      this.sampleRate = chunk.sampleRate;
    }
    const length = chunk.samples[0].length;
    const count = Math.min(length, this.#left);
    if (count === length) this.push(chunk);
    else if (count > 0) this.push({ ...chunk, samples: chunk.samples.map((one) => one.subarray(0, count)) });
    const reached = this.#left > 0 && count === this.#left;
    this.#left -= count;
    if (reached) this.emit('reached');
    done();
  }
}
