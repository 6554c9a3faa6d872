import { z } from 'zod';
import { MUSIC_CHOICES } from '../engine/music-choice.js';
import { AUDIO_CODECS } from '../web/audio-frame.js';
import { parseMessage } from '../web/parse-message.js';
import type { ServeClientMessage } from './messages.js';

const schema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    token: z.string().max(512).optional(),
    sampleRate: z.int().min(8_000).max(192_000),
    channels: z.int().min(1).max(2),
    codec: z.enum(AUDIO_CODECS),
    strength: z.number().min(0).max(1).optional(),
    music: z.enum(MUSIC_CHOICES).optional(),
  }),
  z.strictObject({ type: z.literal('end') }),
]);

/** Reads what a client sent as text. @throws UsageError `E_MESSAGE` with the first thing that is wrong */
export const parseClientMessage = (text: string): ServeClientMessage =>
  parseMessage(schema, text, 'docs/serve.md');
