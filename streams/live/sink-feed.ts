import type { AudioChunk } from '../../src/audio/chunk.js';
import { Resampler } from '../../src/audio/resample.js';
import type { Discontinuity } from '../discontinuity.js';
import { mergeDiscontinuities } from '../discontinuity.js';
import type { AudioSink } from '../sinks/audio-sink.js';

/**
 * Brings audio of any rate to a sink. Audio of a higher rate raises the rate of a sink that allows it; all else is
 * resampled, on the time axis of the sink's rate: nothing is lost, and a recording does not fall apart into more files
 * than it must.
 */
export class SinkFeed {
  /** What the sink has now, Hz. */
  rate: number;
  #resampler: Resampler | undefined;
  /** At the sink's rate: the next sample that the resampler gives, and the gap before it. */
  #next = 0n;
  #gap: Discontinuity | undefined;

  constructor(readonly sink: AudioSink) {
    this.rate = sink.format.sampleRate;
  }

  /** Delay of the resampling, seconds. */
  get latencySeconds(): number {
    return this.#resampler === undefined ? 0 : this.#resampler.latencySamples / this.#resampler.inputRate;
  }

  /** As the sink's `write`: false when it wants to be waited for. */
  write(chunk: AudioChunk): boolean {
    const { sampleRate, discontinuity } = chunk;
    const goesOn = this.#resampler?.inputRate === sampleRate && discontinuity === undefined;
    let room = goesOn || this.#finishResampling();
    if (sampleRate > this.rate && this.sink.canRaiseRate) this.rate = sampleRate;
    if (sampleRate === this.rate) return this.sink.write(chunk);
    if (this.#resampler === undefined) {
      this.#resampler = new Resampler(this.sink.format.channels, sampleRate, this.rate);
      this.#next = this.#rescale(chunk.firstSample, sampleRate);
    }
    if (discontinuity !== undefined) {
      const { lostSamples, reason } = discontinuity;
      const lost = lostSamples === undefined ? {} : { lostSamples: this.#rescale(lostSamples, sampleRate) };
      this.#gap = mergeDiscontinuities(this.#gap, { ...lost, reason });
    }
    room = this.#deliver(this.#resampler.process(chunk.samples)) && room;
    return room;
  }

  end(): void {
    this.#finishResampling();
    this.sink.end();
  }

  #rescale(samples: bigint, from: number): bigint {
    return BigInt(Math.round((Number(samples) / from) * this.rate));
  }

  #finishResampling(): boolean {
    const rest = this.#resampler?.flush();
    this.#resampler = undefined;
    return rest === undefined || this.#deliver(rest);
  }

  #deliver(samples: Float32Array[]): boolean {
    const length = samples[0].length;
    if (length === 0) return true;
    const chunk: AudioChunk = {
      samples,
      sampleRate: this.rate,
      firstSample: this.#next,
      ...(this.#gap !== undefined && { discontinuity: this.#gap }),
    };
    this.#gap = undefined;
    this.#next += BigInt(length);
    return this.sink.write(chunk);
  }
}
