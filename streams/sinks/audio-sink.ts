import { Writable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { toDenoiseError } from '../../src/errors.js';
import { checkFormat } from '../format-check.js';

/** Running account of a sink; one object, kept up to date in place. */
export interface SinkStats {
  state: 'open' | 'finished' | 'failed';
  /** Samples per channel taken from the stream. */
  samples: bigint;
  /** Chunks that came after a gap, and the samples known to be missing there. */
  discontinuities: number;
  lostSamples: bigint;
  /** Samples that this sink itself could not deliver. */
  droppedSamples: bigint;
  /** Times the sink ran out of samples, where it can tell. */
  underruns: number;
  /** Samples beyond full scale, of all channels: outputs of whole numbers clip them. */
  clippedSamples: number;
}

/** What a sink must know before the first chunk comes. */
export interface SinkFormat {
  /** Hz. */
  sampleRate: number;
  channels: number;
}

/**
 * Where audio goes: an object-mode `Writable` of `AudioChunk`s of one rate and channel count. A write is done when the samples
 * are delivered, so back-pressure reaches the source. Events besides those of a `Writable`: `file` (the path, when a recording
 * goes on in another file) and `reader-gone` (nobody reads any more, which is no error).
 *
 * {@link ChunkSink} is a base for sinks of your own.
 */
export interface AudioSink extends Writable {
  /** What it takes now. */
  readonly format: SinkFormat;
  readonly stats: Readonly<SinkStats>;
  /** Whether chunks of a higher rate than before may come; such a sink goes over to it. Default false. */
  readonly canRaiseRate?: boolean;
  /** Whether somebody hears it as it plays: when stopped it should be silent, not play the rest. Default false. */
  readonly isHeard?: boolean;
  /** Audio that waits in it now, seconds; default 0. */
  readonly delaySeconds?: number;
}

/** Base of sinks: checks what comes against the format, counts it, and turns promises into what a `Writable` wants. */
export abstract class ChunkSink extends Writable implements AudioSink {
  readonly stats: SinkStats = {
    state: 'open',
    samples: 0n,
    discontinuities: 0,
    lostSamples: 0n,
    droppedSamples: 0n,
    underruns: 0,
    clippedSamples: 0,
  };

  /** Whether chunks of a higher rate than before may come; such a sink goes over to it. */
  readonly canRaiseRate: boolean = false;

  /** Whether somebody hears it as it plays: when stopped it should be silent, not play the rest. */
  readonly isHeard: boolean = false;

  constructor(
    private current: SinkFormat,
    highWaterMark = 4,
  ) {
    super({ objectMode: true, highWaterMark });
  }

  /** What it takes now. */
  get format(): SinkFormat {
    return this.current;
  }

  /** Delivers one chunk; resolves when there is room for the next. */
  protected abstract consume(chunk: AudioChunk): Promise<void>;
  /** Goes over to a higher rate; only where `canRaiseRate` is true. */
  protected async raiseRate(_sampleRate: number): Promise<void> {}
  /** Called once after the last chunk. */
  protected async complete(): Promise<void> {}
  /** Gives back what the sink holds, after the end, an error, or `destroy()`. */
  protected async release(): Promise<void> {}

  override _write(chunk: AudioChunk, _encoding: string, done: (error?: Error | null) => void): void {
    this.take(chunk).then(
      () => done(),
      (error: unknown) => done(toDenoiseError(error, 'Writing audio')),
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    this.complete().then(
      () => {
        this.stats.state = 'finished';
        done();
      },
      (error: unknown) => done(toDenoiseError(error, 'Completing the output')),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (error !== null) this.stats.state = 'failed';
    this.release().then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    );
  }

  private async take(chunk: AudioChunk): Promise<void> {
    if (this.canRaiseRate && chunk.sampleRate > this.current.sampleRate) {
      await this.raiseRate(chunk.sampleRate);
      this.current = { ...this.current, sampleRate: chunk.sampleRate };
    }
    checkFormat(chunk, this.format);
    if (chunk.discontinuity !== undefined) {
      this.stats.discontinuities++;
      this.stats.lostSamples += chunk.discontinuity.lostSamples ?? 0n;
    }
    const length = chunk.samples[0]?.length ?? 0;
    this.stats.clippedSamples += beyondFullScale(chunk.samples);
    if (length > 0) await this.consume(chunk);
    this.stats.samples += BigInt(length);
  }
}

function beyondFullScale(samples: readonly Float32Array[]): number {
  let count = 0;
  for (const channel of samples) {
    for (let n = 0; n < channel.length; n++) if (Math.abs(channel[n]) > 1) count++;
  }
  return count;
}
