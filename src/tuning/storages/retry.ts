import { setTimeout as delay } from 'node:timers/promises';
import { DenoiseError } from '../../errors.js';

/** How long a server that does not answer is waited for, ms: a restart takes seconds. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** A URL as it may be shown: without its password. */
export function showUrl(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '…';
  return decodeURI(shown.href);
}

/** The state in an error of Postgres: five characters, no class of which begins with E, as the errors of sockets do. */
const SQL_STATE = /^[0-9A-DF-Z][0-9A-Z]{4}$/;

/**
 * Whether Postgres, or the connection to it, is away for a moment. Of the errors of the server the classes 08, 40, 53 and 57P (connection,
 * rollback, resources, shutdown) pass.
 */
export function isPostgresOutage(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const state = String(code ?? '');
  if (SQL_STATE.test(state)) return /^(08|40|53|57P)/.test(state);
  return /^E[A-Z_]+$/.test(state) || /terminated|time(d )?out|not queryable/i.test(String(message));
}

/** The error that ends the wait for a server. */
export function unreachable(where: string, cause: unknown): DenoiseError {
  const why =
    cause instanceof Error && cause.message !== ''
      ? cause.message
      : String((cause as { code?: string })?.code ?? cause);
  return new DenoiseError('E_STORAGE_UNREACHABLE', `${where} cannot be reached: ${why}.`, {
    hint: 'What was written is safe there. Start the server again and repeat the command: the study goes on.',
    cause,
  });
}

/** What a server that was reached has against a command, a password or a missing database say; other errors as they are. */
function refusal(where: string, error: unknown): unknown {
  const { name, code, message } = error as Error & { code?: unknown };
  if (name !== 'ReplyError' && !SQL_STATE.test(String(code ?? ''))) return error;
  return new DenoiseError('E_STORAGE_REFUSED', `${where} refuses: ${message}.`, {
    hint: 'Check user, password and database in --storage, and what they may do there.',
    cause: error,
  });
}

/**
 * Does `work` again and again while it fails for want of a connection.
 * @param isOutage whether an error is one
 * @throws DenoiseError `E_STORAGE_UNREACHABLE` after `patienceMs`; `E_STORAGE_REFUSED` at once for what a
 *   server says that was reached
 */
export async function withRetries<T>(
  where: string,
  work: () => Promise<T>,
  isOutage: (error: unknown) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error)) throw refusal(where, error);
      if (performance.now() + pause > end) throw unreachable(where, error);
      await delay(pause);
    }
  }
}
