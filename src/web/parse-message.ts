import type { z } from 'zod';
import { UsageError } from '../errors.js';

/**
 * Reads what a client sent as text.
 * @param guide the page that describes every message, for the hint
 * @throws UsageError `E_MESSAGE` with the first thing that is wrong
 */
export function parseMessage<S extends z.ZodType>(schema: S, text: string, guide: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError('E_MESSAGE', 'The message is no JSON.');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  const where = path.length > 0 ? ` at ${path.join('.')}` : '';
  throw new UsageError('E_MESSAGE', `The message is wrong${where}: ${message}.`, {
    hint: `${guide} describes every message.`,
  });
}
