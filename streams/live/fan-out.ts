import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import type { AudioSink } from '../sinks/audio-sink.js';

/** One stream into several sinks. The slowest sets the pace; one that has failed is left out. */
export class FanOut extends Writable {
  constructor(readonly sinks: readonly AudioSink[]) {
    super({ objectMode: true, highWaterMark: 2 });
  }

  override _write(chunk: AudioChunk, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const slow = this.sinks.filter((sink) => !sink.destroyed && !sink.write(chunk));
    if (slow.length === 0) done();
    else void Promise.all(slow.map(roomIn)).then(() => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    const ends = this.sinks.map(async (sink) => {
      if (!sink.destroyed) sink.end();
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
