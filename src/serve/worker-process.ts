/** What a process behind a shared port and its parent say to each other, over the channel of node:cluster. */

import { DenoiseError } from '../errors.js';

/** From a worker. */
export type WorkerSays =
  | { denoise: 'serving'; url: string }
  /** Asks for the figures of all workers. */
  | { denoise: 'metrics?'; id: number };

/** From the parent. */
export type ParentSays = { denoise: 'drain' } | { denoise: 'metrics'; id: number; text: string | undefined };

/** The worker's end. */
export class WorkerProcess {
  readonly #waiting = new Map<number, (text: string | undefined) => void>();
  #onDrain: (() => void) | undefined;
  #isToDrain = false;
  #nextId = 0;

  constructor() {
    process.on('message', (message: ParentSays) => {
      if (message.denoise === 'drain') this.#drain();
      else if (message.denoise === 'metrics') {
        this.#waiting.get(message.id)?.(message.text);
        this.#waiting.delete(message.id);
      }
    });
    // Without its parent nobody hands it connections any more.
    process.once('disconnect', () => this.#drain());
  }

  announce(url: string): void {
    this.#say({ denoise: 'serving', url });
  }

  /** Called when the parent wants this process to drain and end. */
  onDrain(act: () => void): void {
    this.#onDrain = act;
    if (this.#isToDrain) act();
  }

  /** The figures of all workers together. @throws DenoiseError `E_METRICS` while one of them does not answer */
  metricsText(): Promise<string> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (text) => {
        if (text !== undefined) resolve(text);
        else reject(new DenoiseError('E_METRICS', 'A worker did not tell its figures.'));
      });
      this.#say({ denoise: 'metrics?', id });
    });
  }

  /** Lets the process end. */
  disconnect(): void {
    if (process.connected) process.disconnect();
  }

  #drain(): void {
    this.#isToDrain = true;
    this.#onDrain?.();
  }

  #say(message: WorkerSays): void {
    if (process.connected) process.send!(message);
  }
}
