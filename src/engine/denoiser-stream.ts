import type { CheckpointInfo } from '../../models/checkpoint.js';
import { DenoiseError } from '../errors.js';
import type { InferenceClient } from './inference-client.js';
import type { MonoDenoiser } from './mono-denoiser.js';

/** Most hops handed to the thread at once: bounds its memory, and is long enough that the calls cost nothing. */
const MAXIMUM_HOPS = 64;

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
    private readonly client: InferenceClient,
    private readonly stream: number,
    private readonly nextStream: () => number,
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
    return this.#emit(await this.#run(input));
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
    void this.client.request({ kind: 'clone', stream: this.stream, as: id }).catch(() => {});
    const twin = new DenoiserStream(this.info, this.client, id, this.nextStream, false);
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

  /** Requests of a thread are answered in order, so that what follows need not wait; it fails by itself if this did. */
  #send(kind: 'open' | 'reset' | 'close'): void {
    void this.client.request({ kind, stream: this.stream }).catch(() => {});
  }

  /** Clean samples for a whole number of hops, latency still in. */
  async #run(input: Float32Array): Promise<Float32Array> {
    for (let i = 0; i < input.length; i++) {
      if (Number.isFinite(input[i])) continue;
      // One NaN would stay in the recurrent state for ever.
      input[i] = 0;
      this.#invalid++;
    }
    const output = new Float32Array(input.length);
    const anyLength = typeof this.info.audioDims[1] === 'string';
    const most = (anyLength ? MAXIMUM_HOPS : 1) * this.#hop;
    for (let at = 0; at < input.length; at += most) {
      const audio = input.slice(at, at + most);
      const { clean, milliseconds } = await this.client.request({ kind: 'run', stream: this.stream, audio });
      output.set(clean!, at);
      this.#milliseconds += milliseconds;
    }
    return output;
  }

  #emit(output: Float32Array): Float32Array {
    const drop = Math.min(this.#toDrop, output.length);
    this.#toDrop -= drop;
    const aligned = output.subarray(drop);
    this.#emitted += aligned.length;
    return aligned;
  }
}
