import { isIP } from 'node:net';
import { UsageError } from '../errors.js';

/** Where a server listens. */
export interface ListenAddress {
  /** Name or address; default `127.0.0.1`. */
  host: string;
  /** 0 for any that is free. */
  port: number;
}

/**
 * Parses `PORT`, `HOST:PORT`, `[IPv6]:PORT` or `HOST`.
 *
 * @param defaultPort used where the text has none
 * @throws UsageError `E_LISTEN_ADDRESS`
 */
export function parseListenAddress(text: string, defaultPort: number): ListenAddress {
  const refuse = () =>
    new UsageError('E_LISTEN_ADDRESS', `"${text}" is no address to listen on.`, {
      hint: 'Give PORT, HOST:PORT or [IPv6]:PORT, such as 8073 or 0.0.0.0:8073.',
    });
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isPortOnly = v6 === undefined && digits === undefined && /^\d+$/.test(name ?? '');
  const host = isPortOnly ? '' : (v6 ?? name);
  if (host === undefined || (v6 !== undefined && isIP(v6) !== 6)) throw refuse();
  const port = isPortOnly ? Number(name) : digits === undefined ? defaultPort : Number(digits);
  if (!(port <= 65_535) || text === '') throw refuse();
  return { host: host === '' ? '127.0.0.1' : host, port };
}

/** Whether only programs of this machine can connect to a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
