import { Transform, type TransformCallback } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';

/** Opening and closing take this long, seconds: no click. */
const FADE_SECONDS = 0.004;

/**
 * Silences `AudioChunk`s while the squelch is shut, and the noise right before it where chunks are marked
 * `squelchClosing`. It is the last stage, so that the denoiser and all listeners get the aerial's noise. Chunks without
 * `squelchOpen` pass. Time, numbers and gaps stay as they are.
 */
export class Gate extends Transform {
  #gain: number | undefined;

  constructor() {
    super({ objectMode: true, readableHighWaterMark: 2, writableHighWaterMark: 2 });
  }

  override _transform(chunk: AudioChunk, _encoding: BufferEncoding, done: TransformCallback): void {
    const { squelchOpen = true, squelchClosing = false, samples, sampleRate } = chunk;
    const target = squelchOpen && !squelchClosing ? 1 : 0;
    const from = this.#gain ?? target;
    this.#gain = target;
    if (from === 1 && target === 1) {
      done(null, chunk);
      return;
    }
    if (from === 0 && target === 0) {
      done(null, { ...chunk, samples: samples.map(({ length }) => new Float32Array(length)) });
      return;
    }
    const step = (target === 1 ? 1 : -1) / (FADE_SECONDS * sampleRate);
    const gated = samples.map((channel) =>
      channel.map((x, n) => x * Math.max(0, Math.min(1, from + (n + 1) * step))),
    );
    this.#gain = Math.max(0, Math.min(1, from + samples[0].length * step));
    done(null, { ...chunk, samples: gated });
  }
}
