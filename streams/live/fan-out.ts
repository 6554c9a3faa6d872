import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import type { AudioSink } from '../sinks/audio-sink.js';
import { SinkFeed } from './sink-feed.js';

/**
 * One stream into several sinks, to each at its own rate. The slowest sets the pace; one that has failed is left out, and
 * the others go on.
 */
export class FanOut extends Writable {
  readonly #feeds: readonly SinkFeed[];

  constructor(readonly sinks: readonly AudioSink[]) {
    super({ objectMode: true, highWaterMark: 2 });
    this.#feeds = sinks.map((sink) => new SinkFeed(sink));
  }

  /** Each sink with the delay of the resampling before it, seconds. */
  get delays(): readonly { sink: AudioSink; latencySeconds: number }[] {
    return this.#feeds;
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
  // What goes wrong is told by the sink's own error event.
  await Promise.race([once(sink, 'drain', { signal }), once(sink, 'close', { signal })]).catch(() => {});
  abort.abort();
}
