import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import type { Clock, Timer } from '../clock.js';
import type { AudioSink } from '../sinks/audio-sink.js';
import { SinkFeed } from './sink-feed.js';

/** Time for the outputs to write the rest after the end, milliseconds. */
const END_TIMEOUT_MS = 5000;
/** Time for a speaker to play the rest after it was silenced, milliseconds. */
const SPEAKER_TIMEOUT_MS = 500;

/**
 * One stream into several sinks, to each at its own rate. The slowest sets the pace; one that has failed is left out, and
 * the others go on.
 */
export class FanOut extends Writable {
  readonly #feeds: readonly SinkFeed[];
  #endTimer: Timer | undefined;
  #speakerTimer: Timer | undefined;

  constructor(
    readonly sinks: readonly AudioSink[],
    private readonly clock: Clock,
  ) {
    super({ objectMode: true, highWaterMark: 2 });
    this.#feeds = sinks.map((sink) => new SinkFeed(sink));
  }

  /** Each sink with the delay of the resampling before it, seconds. */
  get delays(): readonly { sink: AudioSink; latencySeconds: number }[] {
    return this.#feeds;
  }

  /** Whether the speakers are being silenced; their failures do not matter then. */
  get isSilencing(): boolean {
    return this.#speakerTimer !== undefined;
  }

  /** Destroys the speakers in half a second. */
  silenceSoon(): void {
    this.#speakerTimer ??= this.clock.after(SPEAKER_TIMEOUT_MS, () => {
      for (const sink of this.sinks) if (sink.isHeard) sink.destroy();
    });
  }

  /**
   * Gives the stages before it, and then the sinks, 5 s each to end: a denoiser that hangs must not hold a recording open
   * for ever, nor a reader who reads no more the program.
   *
   * @param cutOff Cuts the stages before it off.
   */
  limitEnd(cutOff: () => void): void {
    this.#endTimer = this.clock.after(END_TIMEOUT_MS, () => {
      cutOff();
      this.end();
      this.#endTimer = this.clock.after(END_TIMEOUT_MS, () => {
        for (const sink of this.sinks) sink.destroy();
      });
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#endTimer?.cancel();
    this.#speakerTimer?.cancel();
    done(error);
  }

  override _write(chunk: AudioChunk, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const slow = this.#feeds.filter((feed) => !feed.sink.destroyed && !feed.write(chunk));
    if (slow.length === 0) done();
    else void Promise.all(slow.map(({ sink }) => roomIn(sink))).then(() => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    const ends = this.#feeds.map(async (feed) => {
      const { sink } = feed;
      if (!sink.destroyed) feed.end();
      if (!sink.closed) await new Promise<void>((resolve) => sink.once('close', resolve));
    });
    void Promise.all(ends).then(() => done());
  }
}

async function roomIn(sink: AudioSink): Promise<void> {
  const abort = new AbortController();
  const { signal } = abort;
  // The sink's own error event reports what goes wrong.
  await Promise.race([once(sink, 'drain', { signal }), once(sink, 'close', { signal })]).catch(() => {});
  abort.abort();
}
