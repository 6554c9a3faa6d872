import type { DenoiseError } from '../../src/errors.js';
import type { Clock, Timer } from '../clock.js';
import { Attachment, type Listener, type ListenerStats } from './attachment.js';
import { type LiveEvent, type LiveEventBody, plainError } from './events.js';
import type { AudioPlace, ListenerItems, ListenOptions } from './listen-options.js';
import { type AnyChunk, type FeedContext, type ListenerFeed, listenerFeed } from './listener-feed.js';

/** A listener that is attached. */
export interface Attached {
  readonly stats: Readonly<ListenerStats>;
  /** Stops delivery. Does nothing when it has ended already. */
  detach(): void;
}

export interface ListenersOptions extends FeedContext {
  clock: Clock;
  report: (event: LiveEventBody) => void;
}

/** Shortest time between two events about one listener, milliseconds. */
const REPORT_INTERVAL_MS = 2000;

interface Entry {
  attachment: { finish(): void };
  feed: ListenerFeed;
}

/**
 * The listeners of a running session. They come and go, get copies, and are never waited for: the audio of the session is
 * bit-identical with and without them.
 */
export class Listeners {
  readonly #entries = new Set<Entry>();

  constructor(private readonly options: ListenersOptions) {}

  /** @throws UsageError `E_LISTENER` for an unknown `what` or an option that does not apply; InputError `E_FFT_SIZE` */
  attach<W extends keyof ListenerItems>(
    listener: Listener<ListenerItems[W]>,
    options: ListenOptions<W>,
  ): Attached {
    const { clock, report } = this.options;
    const { what, name = what, budget = {} } = options;
    let timer: Timer | undefined;
    let missed = 0;
    const reportMissed = () => {
      timer = undefined;
      report({ kind: 'listener-thinned', listener: name, missed });
      missed = 0;
    };
    const onMissed = () => {
      missed++;
      timer ??= clock.after(REPORT_INTERVAL_MS, reportMissed);
    };
    const onEnd = (error: DenoiseError | undefined) => {
      this.#entries.delete(entry);
      timer?.cancel();
      if (error !== undefined) report({ kind: 'listener-dropped', listener: name, error: plainError(error) });
    };
    const attachment = new Attachment<ListenerItems[W]>(listener, { budget, clock, onMissed, onEnd });
    const feed = listenerFeed(options, this.options, (item) => attachment.offer(item));
    const entry: Entry = { attachment, feed };
    this.#entries.add(entry);
    return attachment;
  }

  /** Delivers a chunk to the listeners at `place`. */
  publish(place: AudioPlace | 'iq', chunk: AnyChunk): void {
    // One copy for all: the chunk itself goes on to the outputs.
    let copy: AnyChunk | undefined;
    for (const { feed } of this.#entries) {
      if (feed.place !== place) continue;
      if (feed.handsOn) copy ??= copyOf(chunk);
      feed.push(feed.handsOn ? copy! : chunk);
    }
  }

  /** Delivers an event. */
  publishEvent(event: LiveEvent): void {
    for (const { feed } of this.#entries) if (feed.place === 'events') feed.push(event);
  }

  /** The session is over: what is queued is still delivered. */
  finish(): void {
    for (const { attachment } of [...this.#entries]) attachment.finish();
  }
}

function copyOf(chunk: AnyChunk): AnyChunk {
  if ('format' in chunk) return { ...chunk, samples: chunk.samples.slice() };
  return { ...chunk, samples: chunk.samples.map((channel) => channel.slice()) };
}
