import { toDenoiseError } from '../errors.js';

/** How often files are looked at while somebody watches, milliseconds. */
const POLL_MS = 2000;

/**
 * Something that is read again and again while anybody subscribes to it: once for all subscribers, who get what there is when
 * they come, and then every change.
 */
export class Polled<T> {
  readonly #subscribers = new Set<(value: T) => void>();
  #timer: NodeJS.Timeout | undefined;
  #value: T | undefined;
  #text: string | undefined;
  #isReading = false;

  /**
   * @param read JSON-safe
   * @param onError told of every reading that failed; the value before stays
   */
  constructor(
    private readonly read: () => T | Promise<T>,
    private readonly onError: (error: Error) => void = () => {},
  ) {}

  /** @returns what ends it */
  subscribe(send: (value: T) => void): () => void {
    this.#subscribers.add(send);
    if (this.#value !== undefined) send(this.#value);
    this.#timer ??= setInterval(() => void this.refresh(), POLL_MS).unref();
    void this.refresh();
    return () => {
      this.#subscribers.delete(send);
      if (this.#subscribers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Reads now, and tells the subscribers what changed. */
  async refresh(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const value = await this.read();
      const text = JSON.stringify(value);
      if (text === this.#text) return;
      this.#text = text;
      this.#value = value;
      for (const send of this.#subscribers) send(value);
    } catch (error) {
      this.onError(toDenoiseError(error, 'Reading what is shown'));
    } finally {
      this.#isReading = false;
    }
  }
}
