import type { AudioChunk } from '../../src/audio/chunk.js';
import { openSink } from '../sinks/open-sink.js';
import type { Attached } from './listeners.js';
import type { LiveSession } from './live-session.js';
import { SinkFeed } from './sink-feed.js';

/** Records what leaves a session into a file, from now until {@link end}. */
export class ClipRecording {
  readonly #attached: Attached;
  /** Settles when the file is open, or cannot be. */
  readonly opened: Promise<void>;
  #feed: SinkFeed | undefined;
  /** What comes before the file is open. */
  #early: AudioChunk[] = [];

  /** @param onError Told when the file cannot be made or written; nothing is recorded from then on. */
  constructor(
    session: LiveSession,
    readonly path: string,
    onError: (error: unknown) => void,
  ) {
    this.#attached = session.attach((chunk) => this.#write(chunk), { what: 'output', name: 'recording' });
    this.opened = openSink(path, session.format).then(
      (sink) => {
        const feed = new SinkFeed(sink);
        sink.on('error', (error) => {
          this.#attached.detach();
          onError(error);
        });
        for (const chunk of this.#early.splice(0)) void feed.write(chunk);
        this.#feed = feed;
      },
      (error: unknown) => {
        this.#attached.detach();
        this.#early = [];
        onError(error);
      },
    );
  }

  /** Ends, and waits until the file is complete. */
  async end(): Promise<void> {
    this.#attached.detach();
    await this.opened;
    const feed = this.#feed;
    if (feed === undefined) return;
    if (!feed.sink.destroyed) feed.end();
    if (!feed.sink.closed) await new Promise<void>((resolve) => feed.sink.once('close', resolve));
  }

  #write(chunk: AudioChunk): void {
    if (this.#feed === undefined) this.#early.push(chunk);
    else void this.#feed.write(chunk);
  }
}
