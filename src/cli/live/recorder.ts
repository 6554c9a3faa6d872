import { join } from 'node:path';
import type { Attached } from '../../../streams/live/listeners.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import { SinkFeed } from '../../../streams/live/sink-feed.js';
import { openSink } from '../../../streams/sinks/open-sink.js';

/** Records what is heard into a WAV file, begun and ended by a key. */
export class Recorder {
  #feed: SinkFeed | undefined;
  #attached: Attached | undefined;

  /** @param folder Where recordings go. */
  constructor(
    private readonly session: LiveSession,
    private readonly folder = '.',
  ) {}

  /** Begins or ends. @returns what to tell. @throws OutputError where no file can be made */
  async toggle(): Promise<string> {
    if (this.#feed !== undefined) {
      await this.end();
      return 'Recording ended.';
    }
    const name = `denoise-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.wav`;
    const path = join(this.folder, name);
    const sink = await openSink(path, this.session.format);
    // A full disk ends the recording, not the reception.
    sink.on('error', () => void this.end());
    this.#feed = new SinkFeed(sink);
    this.#attached = this.session.attach((chunk) => void this.#feed?.write(chunk), {
      what: 'output',
      name: 'recording',
    });
    return `Recording to ${path}.`;
  }

  /** Ends, and waits until the file is complete. */
  async end(): Promise<void> {
    const feed = this.#feed;
    this.#feed = undefined;
    this.#attached?.detach();
    if (feed === undefined) return;
    if (!feed.sink.destroyed) feed.end();
    if (!feed.sink.closed) await new Promise<void>((resolve) => feed.sink.once('close', resolve));
  }
}
