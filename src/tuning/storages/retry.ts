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

/**
 * Does `work` again and again while it fails for want of a connection.
 * @param isOutage whether an error is one
 * @throws DenoiseError `E_STORAGE_UNREACHABLE` after `patienceMs`; other errors at once
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
      if (!isOutage(error)) throw error;
      if (performance.now() + pause > end) throw unreachable(where, error);
      await delay(pause);
    }
  }
}
