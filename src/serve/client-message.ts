import { z } from 'zod';
import { UsageError } from '../errors.js';
import { AUDIO_CODECS } from '../web/audio-frame.js';
import type { ServeClientMessage } from './messages.js';

const schema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    token: z.string().max(512).optional(),
    sampleRate: z.int().min(8_000).max(192_000),
    channels: z.int().min(1).max(2),
    codec: z.enum(AUDIO_CODECS),
    strength: z.number().min(0).max(1).optional(),
  }),
  z.strictObject({ type: z.literal('end') }),
]);

/** Reads what a client sent as text. @throws UsageError `E_MESSAGE` with the first thing that is wrong */
export function parseClientMessage(text: string): ServeClientMessage {
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
    hint: 'docs/serve.md describes every message.',
  });
}
