import { describeEvent } from '../../../streams/live/describe-event.js';
import type { LiveEvent } from '../../../streams/live/events.js';

const MOST_LINES = 200;

/** The list of what happened, the newest first. */
export class EventLog {
  constructor(private readonly list: HTMLOListElement) {}

  add(event: LiveEvent): void {
    this.note(describeEvent(event));
  }

  note(text: string): void {
    const line = document.createElement('li');
    const time = document.createElement('time');
    time.textContent = new Date().toLocaleTimeString();
    line.append(time, text);
    this.list.prepend(line);
    while (this.list.childElementCount > MOST_LINES) this.list.lastElementChild!.remove();
  }
}
