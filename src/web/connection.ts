import type { WebSocket } from 'ws';

export interface ConnectionOptions {
  /** Bytes that may wait for a client before frames are left out. Default 1 MiB: 5 s of the page's sound and spectra. */
  mostBuffered?: number;
  /** A client that stays over that for so long is let go, milliseconds. Default 10 000. */
  slowMs?: number;
  /** A client from which nothing came for so long, no answer to a ping either, is let go, milliseconds. Default 60 000. */
  idleMs?: number;
}

/** Close codes of our own, in the range that is free for applications. */
export const CLOSE = { idle: 4000, slow: 4001, unauthorised: 4003, flood: 4008 } as const;

/** One client: what is sent to it has a bound, and it is let go when it sleeps or reads too slowly. */
export class Connection {
  /** Frames left out because the client read too slowly. */
  missed = 0;
  readonly #options: Required<ConnectionOptions>;
  readonly #pings: NodeJS.Timeout;
  #heardAt = performance.now();
  #slowSince: number | undefined;

  constructor(
    readonly socket: WebSocket,
    options: ConnectionOptions = {},
  ) {
    this.#options = { mostBuffered: 2 ** 20, slowMs: 10_000, idleMs: 60_000, ...options };
    const heard = () => {
      this.#heardAt = performance.now();
    };
    socket.on('message', heard).on('pong', heard);
    this.#pings = setInterval(() => this.#look(), this.#options.idleMs / 4).unref();
    socket.once('close', () => clearInterval(this.#pings));
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Sends a control message. These are few, and never left out. */
  send(message: object): void {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
  }

  /** Sends a frame unless too much waits already; gives whether it was sent. */
  sendFrame(bytes: Uint8Array): boolean {
    if (!this.isOpen) return false;
    if (this.socket.bufferedAmount > this.#options.mostBuffered) {
      this.missed++;
      this.#isSlow();
      return false;
    }
    this.#slowSince = undefined;
    this.socket.send(bytes);
    return true;
  }

  /** Lets the client go, with a reason that it is told; at once if it does not answer. */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  #isSlow(): void {
    const now = performance.now();
    this.#slowSince ??= now;
    if (now - this.#slowSince < this.#options.slowMs) return;
    this.close(CLOSE.slow, 'You read too slowly.');
    // It would not read the closing either.
    this.socket.terminate();
  }

  #look(): void {
    if (performance.now() - this.#heardAt < this.#options.idleMs) {
      this.socket.ping();
      return;
    }
    this.close(CLOSE.idle, 'Nothing was heard from you.');
    this.socket.terminate();
  }
}
