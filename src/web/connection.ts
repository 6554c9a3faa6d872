import type { WebSocket } from 'ws';

export interface ConnectionOptions {
  /** Bytes that may wait for a client before frames are left out. Default 1 MiB: 5 s of the page's audio and spectra. */
  mostBuffered?: number;
  /** A client that stays over that for so long is let go, milliseconds. Default 10 000. */
  slowMs?: number;
  /** A client from which nothing came for so long, no answer to a ping either, is let go, milliseconds. Default 60 000. */
  idleMs?: number;
}

/** Close codes of our own, in the range that is free for applications. */
export const CLOSE = { idle: 4000, slow: 4001, refused: 4002, unauthorised: 4003, flood: 4008 } as const;

/**
 * How long a client has to read why it is let go, milliseconds. What waited for it comes first: one that does not read sees
 * the connection end without a reason (code 1006).
 */
const CLOSE_GRACE_MS = 2000;

/** One client: what is sent to it has a bound, and it is let go when it sleeps or reads too slowly. */
export class Connection {
  /** Frames left out because the client read too slowly. */
  missed = 0;
  /** The code with which the client was let go; `undefined` while it was not, and for one that went by itself. */
  closedWith: number | undefined;
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

  /** Sends a control message. These are few and never left out, but they count for what waits. */
  send(message: object): void {
    if (!this.isOpen) return;
    this.#isBacklogged();
    this.socket.send(JSON.stringify(message));
  }

  /** Sends a frame unless too much waits already; gives whether it was sent. */
  sendFrame(bytes: Uint8Array): boolean {
    if (!this.isOpen) return false;
    if (this.#isBacklogged()) {
      this.missed++;
      return false;
    }
    this.socket.send(bytes);
    return true;
  }

  /** Tells the client why it is let go, and ends the connection if it has not answered after {@link CLOSE_GRACE_MS}. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.closedWith = code;
    this.socket.close(code, reason);
    const timer = setTimeout(() => this.socket.terminate(), CLOSE_GRACE_MS).unref();
    this.socket.once('close', () => clearTimeout(timer));
  }

  /** Whether too much waits; lets the client go if that has been so for too long. */
  #isBacklogged(): boolean {
    if (this.socket.bufferedAmount <= this.#options.mostBuffered) {
      this.#slowSince = undefined;
      return false;
    }
    const now = performance.now();
    this.#slowSince ??= now;
    if (now - this.#slowSince >= this.#options.slowMs) this.close(CLOSE.slow, 'You read too slowly.');
    return true;
  }

  #look(): void {
    if (performance.now() - this.#heardAt < this.#options.idleMs) {
      this.socket.ping();
      return;
    }
    this.close(CLOSE.idle, 'Nothing was heard from you.');
  }
}
