import { UsageError } from '../errors.js';
import { nearest } from '../suggest.js';

/** Things of one kind by name, which others may join. */
export class Registry<T> {
  readonly #entries: Map<string, T>;

  /** @param kind for messages, such as `sampler` */
  constructor(
    private readonly kind: string,
    entries: Readonly<Record<string, T>>,
  ) {
    this.#entries = new Map(Object.entries(entries));
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** @throws UsageError `E_NAME_TAKEN` */
  add(name: string, entry: T): void {
    if (this.#entries.has(name))
      throw new UsageError('E_NAME_TAKEN', `There is already a ${this.kind} named "${name}".`, {
        hint: 'Give yours another name.',
      });
    this.#entries.set(name, entry);
  }

  /** @throws UsageError `E_UNKNOWN_NAME` (did you mean …) */
  get(name: string): T {
    const entry = this.#entries.get(name);
    if (entry !== undefined) return entry;
    const near = nearest(name, this.names);
    throw new UsageError('E_UNKNOWN_NAME', `There is no ${this.kind} "${name}".`, {
      hint: near === undefined ? `Choose one of: ${this.names.join(', ')}.` : `Did you mean ${near}?`,
    });
  }
}
