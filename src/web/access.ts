import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { UsageError } from '../errors.js';
import { isLoopback } from './listen-address.js';

export interface AccessOptions {
  /** Where the server listens. */
  host: string;
  /** What a client must know; needed for every address but loopback. At least 16 characters. */
  token?: string;
  /** Origins of other pages that may connect, such as `https://radio.example`. Default none. */
  origins?: readonly string[];
}

/** Why a request is turned away. */
export interface Refusal {
  status: 401 | 403 | 421;
  reason: string;
}

const LEAST_TOKEN = 16;

/**
 * Decides who may connect. A page of another origin may not, whatever it knows: browsers tell the origin truthfully, other
 * programs send none. On loopback the `Host` header must name this machine, so that a foreign name that is made to resolve
 * to 127.0.0.1 (DNS rebinding) gets nowhere.
 */
export class Access {
  readonly #digest: Buffer | undefined;

  /** @throws UsageError `E_TOKEN_NEEDED` for another address than loopback without a token, `E_TOKEN_SHORT` */
  constructor(private readonly options: AccessOptions) {
    const { host, token } = options;
    if (token === undefined && !isLoopback(host))
      throw new UsageError(
        'E_TOKEN_NEEDED',
        `Listening on ${host} lets other machines connect, which needs a token.`,
        {
          hint: 'Set DENOISE_TOKEN to a secret of at least 16 characters, or listen on 127.0.0.1.',
        },
      );
    if (token !== undefined && token.length < LEAST_TOKEN)
      throw new UsageError('E_TOKEN_SHORT', `The token has ${token.length} characters; it can be guessed.`, {
        hint: `Use at least ${LEAST_TOKEN}, such as what "openssl rand -hex 16" prints.`,
      });
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  get needsToken(): boolean {
    return this.#digest !== undefined;
  }

  /** Whether `token` is the right one; takes as long for a wrong one as for the right one. */
  isToken(token: string | undefined): boolean {
    return (
      this.#digest === undefined || (token !== undefined && timingSafeEqual(digestOf(token), this.#digest))
    );
  }

  /** Why a request may not even be answered; `undefined` where it may. The token is another matter. */
  refusal({ headers }: IncomingMessage): Refusal | undefined {
    const { host = '', origin } = headers;
    if (isLoopback(this.options.host) && !isLoopback(hostName(host)))
      return { status: 421, reason: 'This server answers to the names of this machine only.' };
    if (origin === undefined) return undefined;
    const own = originHost(origin);
    if (own !== undefined && own === host.toLowerCase()) return undefined;
    if (this.options.origins?.includes(origin)) return undefined;
    return { status: 403, reason: 'Pages of another origin may not connect.' };
  }

  /** The token in a request's `Authorization: Bearer` header, if it has one. */
  static bearer({ headers }: IncomingMessage): string | undefined {
    return /^Bearer ([\x20-\x7e]+)$/i.exec(headers.authorization ?? '')?.[1];
  }
}

/** Digests have one length, which `timingSafeEqual` asks for. */
const digestOf = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();

/** The name in a `Host` header, without port and brackets. */
function hostName(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

/** Name and port of an origin, as a `Host` header has them; `undefined` for what is no origin, such as `null`. */
function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
