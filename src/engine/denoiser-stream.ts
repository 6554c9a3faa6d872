import type { CheckpointInfo } from '../../models/checkpoint.js';
import { DenoiseError } from '../errors.js';
import type { InferenceClient } from './inference-client.js';
import type { MonoDenoiser } from './mono-denoiser.js';

export interface StreamOptions {
  /**
   * Audio of several hops goes through the model a hop at a time, together with hops of other streams, and not in one piece on
   * its own: for many streams that come in chunks longer than a hop. Default false.
   */
  hopByHop?: boolean;
}

/** The state of one stream through a {@link Model}: what its recurrent layers remember, and samples short of a hop. */
export class DenoiserStream implements MonoDenoiser {
  readonly sampleRate: number;
  readonly latencySamples: number;
  readonly #hop: number;
  /** Samples that do not fill a hop yet. */
  #pending: Float32Array;
  #pendingLength = 0;
  #received = 0;
  #emitted = 0;
  /** Output samples still to be dropped: those before the first input sample. */
  #toDrop: number;
  #invalid = 0;
  #flushed = false;
  #milliseconds = 0;

  constructor(
    private readonly info: CheckpointInfo,
    private readonly worker: InferenceClient,
    private readonly stream: number,
    private readonly nextStream: () => number,
    private readonly options: StreamOptions = {},
    open = true,
  ) {
    this.sampleRate = info.sampleRate;
    this.latencySamples = info.latencySamples;
    this.#hop = info.hop;
    this.#toDrop = info.latencySamples;
    this.#pending = new Float32Array(info.hop);
    if (open) this.#send('open');
  }

  /** Samples that were NaN or infinite and went in as zero. */
  get invalidSamples(): number {
    return this.#invalid;
  }

  /** Time spent computing, in milliseconds. */
  get computeMilliseconds(): number {
    return this.#milliseconds;
  }

  async process(samples: Float32Array): Promise<Float32Array> {
    return this.#emit(await this.#run(this.#wholeHops(samples)));
  }

  /**
   * Takes samples as {@link process} does, but drops the clean ones in the worker: a stream that is to take over
   * from another is brought up to date so, and what it gives next belongs to what it is given next.
   */
  async warm(samples: Float32Array): Promise<void> {
    const audio = this.#wholeHops(samples);
    const { length } = audio;
    if (length > 0) {
      const { milliseconds } = await this.worker.call(
        'warm',
        { stream: this.stream, audio, ...this.options },
        { transfer: [audio.buffer] },
      );
      this.#milliseconds += milliseconds;
    }
    this.#count(length);
  }

  async flush(): Promise<Float32Array> {
    if (this.#flushed) return new Float32Array(0);
    this.#flushed = true;
    const owed = this.#received - this.#emitted;
    if (owed === 0) return new Float32Array(0);
    const needed = this.#pendingLength + this.latencySamples;
    const input = new Float32Array(Math.ceil(needed / this.#hop) * this.#hop);
    input.set(this.#pending.subarray(0, this.#pendingLength));
    this.#pendingLength = 0;
    this.#zeroInvalid(input);
    return this.#emit(await this.#run(input)).subarray(0, owed);
  }

  reset(): void {
    this.#pendingLength = 0;
    this.#received = 0;
    this.#emitted = 0;
    this.#toDrop = this.latencySamples;
    this.#flushed = false;
    this.#invalid = 0;
    this.#milliseconds = 0;
    this.#send('reset');
  }

  /** A second stream that goes on from here, independent of this one. Not while a call of this one is under way. */
  clone(): DenoiserStream {
    const id = this.nextStream();
    this.worker.call('clone', { stream: this.stream, as: id }).catch(() => {});
    const twin = new DenoiserStream(this.info, this.worker, id, this.nextStream, this.options, false);
    twin.#pending = this.#pending.slice();
    twin.#pendingLength = this.#pendingLength;
    twin.#received = this.#received;
    twin.#emitted = this.#emitted;
    twin.#toDrop = this.#toDrop;
    twin.#flushed = this.#flushed;
    return twin;
  }

  /** Frees the stream's memory in the thread. */
  close(): void {
    this.#flushed = true;
    this.#send('close');
  }

  /** Calls of a thread are begun in order, so that what follows need not wait; it fails by itself if this did. */
  #send(method: 'open' | 'reset' | 'close'): void {
    this.worker.call(method, this.stream).catch(() => {});
  }

  /** The samples as far as they fill hops with those before; the rest waits. */
  #wholeHops(samples: Float32Array): Float32Array<ArrayBuffer> {
    if (this.#flushed)
      throw new DenoiseError('E_STREAM_ENDED', 'This stream was flushed and takes no more audio.', {
        hint: 'Call reset() to start another recording.',
      });
    this.#received += samples.length;
    const ready = Math.floor((this.#pendingLength + samples.length) / this.#hop) * this.#hop;
    const input = new Float32Array(ready);
    const taken = Math.max(0, ready - this.#pendingLength);
    if (ready > 0) {
      input.set(this.#pending.subarray(0, this.#pendingLength));
      input.set(samples.subarray(0, taken), this.#pendingLength);
      this.#pendingLength = 0;
    }
    this.#pending.set(samples.subarray(taken), this.#pendingLength);
    this.#pendingLength += samples.length - taken;
    this.#zeroInvalid(input);
    return input;
  }

  /** One NaN would stay in the recurrent state for ever. */
  #zeroInvalid(input: Float32Array): void {
    for (let i = 0; i < input.length; i++) {
      if (Number.isFinite(input[i])) continue;
      input[i] = 0;
      this.#invalid++;
    }
  }

  /** Clean samples for a whole number of hops, latency still in. `audio` is handed over. */
  async #run(audio: Float32Array<ArrayBuffer>): Promise<Float32Array> {
    if (audio.length === 0) return audio;
    const { clean, milliseconds } = await this.worker.call(
      'run',
      { stream: this.stream, audio, ...this.options },
      { transfer: [audio.buffer] },
    );
    this.#milliseconds += milliseconds;
    return clean;
  }

  /** Takes the model's latency out. */
  #emit(output: Float32Array): Float32Array {
    return output.subarray(this.#count(output.length));
  }

  /** Counts clean samples, and says how many of them lie before the first input sample. */
  #count(length: number): number {
    const drop = Math.min(this.#toDrop, length);
    this.#toDrop -= drop;
    this.#emitted += length - drop;
    return drop;
  }
}
