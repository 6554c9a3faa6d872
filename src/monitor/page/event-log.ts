import { describeEvent } from '../../../streams/live/describe-event.js';
import type { LiveEvent } from '../../../streams/live/events.js';
import { describeRetuneEvent } from '../../online/describe-retune-event.js';
import type { RetuneEvent } from '../../online/retune-history.js';
import { make } from '../../web/page/dom.js';
import type { ServerMessage } from '../protocol/messages.js';

const MOST_LINES = 200;

/** The list of what happened, the newest first. */
export class EventLog {
  /** What is in the list: after a reconnection the server tells the last events again. */
  readonly #known = new Set<string>();

  constructor(private readonly list: HTMLOListElement) {}

  add({ of, time, event }: Extract<ServerMessage, { type: 'event' }>): void {
    const text =
      of === 'live'
        ? describeEvent(event as LiveEvent)
        : of === 'retuning'
          ? `Retuning: ${describeRetuneEvent(event as RetuneEvent)}`
          : (event as { text: string }).text;
    this.note(text, new Date(time));
  }

  note(text: string, time = new Date()): void {
    const key = `${time.toISOString()} ${text}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const isToday = time.toDateString() === new Date().toDateString();
    const shown = isToday ? time.toLocaleTimeString() : time.toLocaleString();
    const line = make('li', {}, make('time', { dateTime: time.toISOString() }, shown), text);
    const next = [...this.list.children].find(
      (one) => one.querySelector('time')!.dateTime <= time.toISOString(),
    );
    this.list.insertBefore(line, next ?? null);
    while (this.list.childElementCount > MOST_LINES) this.list.lastElementChild!.remove();
    if (this.#known.size > 4 * MOST_LINES) this.#known.clear();
  }
}
