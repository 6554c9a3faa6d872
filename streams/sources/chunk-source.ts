import { Readable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { type DenoiseError, toDenoiseError } from '../../src/errors.js';
import { type Discontinuity, mergeDiscontinuities } from '../discontinuity.js';
import type { IqChunk } from './iq-chunk.js';

/** What happened at a source that its user should know of; sent as the event `notice`. */
export type SourceNotice =
  /** Samples are gone. `estimated`: counted by the clock, because the source itself cannot tell. */
  | { kind: 'lost'; lostSamples: bigint | undefined; estimated: boolean; reason: string }
  /** The source failed and is tried again in `delayMs` milliseconds. */
  | { kind: 'retry'; attempt: number; delayMs: number; error: DenoiseError }
  /** Samples flow again after `silentMs` milliseconds without. */
  | { kind: 'resumed'; silentMs: number }
  | { kind: 'warning'; message: string };

/** Running account of a source; one object, kept up to date in place. */
export interface SourceStats {
  state: 'starting' | 'running' | 'retrying' | 'ended' | 'failed';
  /** Samples (per channel, or complex) handed to the reader. */
  samples: bigint;
  /** Samples known or estimated to be lost. */
  lostSamples: bigint;
  /** Part of `lostSamples` that was estimated from the clock. */
  estimatedSamples: bigint;
  /** Chunks that carried a discontinuity. */
  discontinuities: number;
  /** Times the source was tried again after a failure. */
  retries: number;
  /** Samples that wait for the reader now. */
  queuedSamples: number;
}

/** Samples in a chunk, per channel. */
export function chunkLength(chunk: AudioChunk | IqChunk): number {
  if ('format' in chunk) return chunk.samples.length / 2;
  return chunk.samples[0]?.length ?? 0;
}

/** When the last sample of a chunk was taken, seconds since the source started. */
export function endSecondsOf(chunk: AudioChunk | IqChunk): number {
  return (Number(chunk.firstSample) + chunkLength(chunk)) / chunk.sampleRate;
}

export interface ChunkSourceOptions {
  /** Chunks Node's stream buffers before back-pressure; default 4. */
  highWaterMark?: number;
  /**
   * Live sources only: seconds of signal kept for a slow reader before the oldest is dropped (and counted);
   * default 2.
   */
  maxQueueSeconds?: number;
}

/**
 * Base of every source: an object-mode `Readable` that numbers its chunks, counts what is lost and marks it on the next
 * chunk. A source that can wait calls {@link offer} only while it returns true; a live one calls it always, and what the
 * reader is too slow for is dropped, oldest first, so that delay stays bounded.
 */
export abstract class ChunkSource<C extends AudioChunk | IqChunk> extends Readable {
  /** `audio` sources emit `AudioChunk`, `iq` sources `IqChunk`. */
  abstract readonly kind: C extends IqChunk ? 'iq' : 'audio';
  /** Samples per second that the source really has, Hz. */
  abstract readonly sampleRate: number;
  /** True when samples arrive by a clock of their own and are lost if nobody reads. */
  abstract readonly live: boolean;

  /** Longest stretch that arrives as one burst of chunks, seconds; 0 where every chunk comes in its own time. */
  get blockSeconds(): number {
    return 0;
  }

  readonly stats: SourceStats = {
    state: 'starting',
    samples: 0n,
    lostSamples: 0n,
    estimatedSamples: 0n,
    discontinuities: 0,
    retries: 0,
    queuedSamples: 0,
  };
  private readonly maxQueueSeconds: number;
  private readonly queue: C[] = [];
  private position = 0n;
  private gap: Discontinuity | undefined;
  private wanted = false;
  private finished = false;

  constructor(options: ChunkSourceOptions = {}) {
    super({ objectMode: true, highWaterMark: options.highWaterMark ?? 4 });
    this.maxQueueSeconds = options.maxQueueSeconds ?? 2;
  }

  /** Called when the reader wants more; sources that can wait resume here. */
  protected onWanted(): void {}

  /** Index of the next sample to be emitted; lost ones count. */
  protected get nextSample(): bigint {
    return this.position;
  }

  /** Numbers `chunk`, marks the gap before it, and hands it on. Returns false when the reader wants no more for now. */
  protected offer(chunk: Omit<C, 'firstSample' | 'discontinuity'>): boolean {
    const whole = { ...chunk, firstSample: this.position } as unknown as C;
    if (this.gap !== undefined) {
      whole.discontinuity = this.gap;
      this.gap = undefined;
    }
    const length = chunkLength(whole);
    this.position += BigInt(length);
    this.queue.push(whole);
    this.stats.queuedSamples += length;
    if (this.wanted) this.drain();
    if (this.live) this.dropOldest();
    return this.wanted;
  }

  /** Counts samples lost before the next chunk. `lostSamples` undefined: nobody can say how many. */
  protected lose(lostSamples: bigint | undefined, reason: string, estimated: boolean): void {
    this.account(lostSamples, reason, estimated);
    this.position += lostSamples ?? 0n;
    const gap = lostSamples === undefined ? { reason } : { lostSamples, reason };
    this.gap = mergeDiscontinuities(this.gap, gap);
  }

  /** Marks a break in the signal (a jump of frequency, a loop) before the next chunk; nothing is lost. */
  protected markBreak(reason: string): void {
    this.gap = mergeDiscontinuities(this.gap, { lostSamples: 0n, reason });
  }

  /** Keeps the time axis when the rate changes: index / rate stays the time since the start. */
  protected rescale(oldRate: number, newRate: number): void {
    this.position = BigInt(Math.round((Number(this.position) / oldRate) * newRate));
    this.markBreak(`the sample rate changed from ${oldRate} to ${newRate} Hz`);
  }

  /** The signal is over; what is queued still reaches the reader. */
  protected finish(): void {
    this.finished = true;
    if (this.wanted) this.drain();
  }

  /** Ends the stream with an error, as the one event `error`. */
  protected fail(error: unknown, doing: string): void {
    // What breaks because it was ended is no failure.
    if (this.destroyed) return;
    this.stats.state = 'failed';
    this.destroy(toDenoiseError(error, doing));
  }

  protected notify(notice: SourceNotice): void {
    this.emit('notice', notice);
  }

  override _read(): void {
    this.wanted = true;
    this.drain();
    if (this.wanted) this.onWanted();
  }

  private drain(): void {
    while (this.wanted && this.queue.length > 0) {
      const chunk = this.queue.shift()!;
      const length = chunkLength(chunk);
      this.stats.queuedSamples -= length;
      this.stats.samples += BigInt(length);
      if (chunk.discontinuity !== undefined) this.stats.discontinuities++;
      // A listener may call read() inside push(): what that asks for must not be overwritten.
      this.wanted = false;
      if (this.push(chunk)) this.wanted = true;
    }
    if (this.finished && this.queue.length === 0 && !this.readableEnded && this.stats.state !== 'ended') {
      this.stats.state = 'ended';
      this.push(null);
    }
  }

  private dropOldest(): void {
    const limit = this.maxQueueSeconds * this.sampleRate;
    const reason = `the reader fell more than ${this.maxQueueSeconds} s behind`;
    let lost = 0n;
    let gap: Discontinuity | undefined;
    while (this.stats.queuedSamples > limit && this.queue.length > 1) {
      const chunk = this.queue.shift()!;
      const length = chunkLength(chunk);
      this.stats.queuedSamples -= length;
      lost += BigInt(length);
      gap = mergeDiscontinuities(gap, chunk.discontinuity);
    }
    if (lost === 0n) return;
    const next = this.queue[0]!;
    gap = mergeDiscontinuities(gap, { lostSamples: lost, reason });
    next.discontinuity = mergeDiscontinuities(gap, next.discontinuity)!;
    this.account(lost, reason, false);
  }

  private account(lostSamples: bigint | undefined, reason: string, estimated: boolean): void {
    this.stats.lostSamples += lostSamples ?? 0n;
    if (estimated) this.stats.estimatedSamples += lostSamples ?? 0n;
    this.notify({ kind: 'lost', lostSamples, estimated, reason });
  }
}

/** What every source has, whether it gives audio or radio samples. Events: `notice` ({@link SourceNotice}). */
interface Source extends Readable {
  /** Samples per second that the source really has, Hz. */
  readonly sampleRate: number;
  /** True when samples arrive by a clock of their own and are lost if nobody reads. */
  readonly live: boolean;
  readonly stats: Readonly<SourceStats>;
  /** Longest stretch that arrives as one burst of chunks, seconds; default 0: every chunk comes in its own time. */
  readonly blockSeconds?: number;
}

/**
 * A source of audio: an object-mode `Readable` of `AudioChunk`s, as `openSource` gives for files, microphones and sockets.
 * {@link ChunkSource} is a base for sources of your own.
 */
export interface AudioSource extends Source {
  readonly kind: 'audio';
  readonly channels: number;
}

/**
 * A source of radio samples: an object-mode `Readable` of `IqChunk`s, as `openSource` gives for radios and recordings of
 * them. {@link ChunkSource} is a base for sources of your own.
 */
export interface IqSource extends Source {
  readonly kind: 'iq';
  /** Radio frequency at 0 Hz of the samples, Hz; chunks carry the one that holds for them. */
  readonly centreHz: number;
}
