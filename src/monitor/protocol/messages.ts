/** Control messages of the monitor, both ways, as JSON. Laid out in docs/protocol.md. Types only reach the page. */
import { z } from 'zod';
import { AUDIO_CODECS } from '../../web/audio-frame.js';
import type { WireError } from '../../web/wire-error.js';
import { AUDIO_PLACES } from './audio-places.js';
import { SPECTRUM_PLACES } from './spectrum-codec.js';
import type { ModelsView, TrainingView, TuningView } from './views.js';

/** Subprotocol of the WebSocket; the number rises when something here changes its meaning, not when something is added. */
export const MONITOR_PROTOCOL = 'denoise.monitor.v1';
export const PROTOCOL_VERSION = 1;

const perSecond = z.number().min(0.2).max(30).default(10);

/** What a client can subscribe to. Subscribing again changes the options. */
const topicSchema = z.discriminatedUnion('topic', [
  z.strictObject({
    topic: z.literal('audio'),
    place: z.enum(AUDIO_PLACES),
    codec: z.enum(AUDIO_CODECS).default('s16'),
  }),
  z.strictObject({
    topic: z.literal('spectrum'),
    of: z.enum(SPECTRUM_PLACES),
    size: z
      .union([z.literal(256), z.literal(512), z.literal(1024), z.literal(2048), z.literal(4096)])
      .default(1024),
    perSecond,
  }),
  z.strictObject({ topic: z.literal('levels'), perSecond }),
  z.strictObject({ topic: z.literal('status'), perSecond: perSecond.default(1) }),
  z.strictObject({ topic: z.literal('events') }),
  z.strictObject({ topic: z.literal('models') }),
  z.strictObject({ topic: z.literal('training') }),
  z.strictObject({ topic: z.literal('tuning') }),
]);
export type Topic = z.output<typeof topicSchema>;

/** What tells two subscriptions of a client apart. */
export function topicKey(topic: Pick<Topic, 'topic'> & { place?: string; of?: string }): string {
  return [topic.topic, topic.place ?? topic.of].filter((part) => part !== undefined).join(':');
}

const hz = z.number().min(0).max(1e11);
const version = z.string().min(1).max(200);
const use = z.enum(['speech', 'radio']);

const commandSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('tune'), hz }),
  z.strictObject({ name: z.literal('tune-by'), hz: z.number().min(-1e9).max(1e9) }),
  z.strictObject({ name: z.literal('mode'), mode: z.string().max(16) }),
  z.strictObject({ name: z.literal('squelch'), thresholdDb: z.number().min(-200).max(100).nullable() }),
  z.strictObject({ name: z.literal('gain'), db: z.number().min(-20).max(100).nullable() }),
  z.strictObject({ name: z.literal('strength'), value: z.number().min(0).max(1) }),
  z.strictObject({ name: z.literal('bypass'), on: z.boolean() }),
  z.strictObject({ name: z.literal('record'), on: z.boolean() }),
  z.strictObject({ name: z.literal('promote'), use, version }),
  z.strictObject({ name: z.literal('rollback'), use }),
]);
export type Command = z.output<typeof commandSchema>;

/** Everything that a client may send as text. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), token: z.string().max(512).optional() }),
  z.strictObject({ type: z.literal('subscribe'), topics: z.array(topicSchema).min(1).max(16) }),
  z.strictObject({ type: z.literal('unsubscribe'), keys: z.array(z.string().max(40)).min(1).max(16) }),
  z.strictObject({
    type: z.literal('command'),
    id: z
      .int()
      .min(0)
      .max(2 ** 32),
    command: commandSchema,
  }),
  z.strictObject({ type: z.literal('ping'), time: z.number() }),
]);
export type ClientMessage = z.input<typeof clientMessageSchema>;

/** What an event is of: a live session, a training run, or the retuning of this machine's models. */
export type EventSource = 'live' | 'training' | 'retuning';

/** Everything that the server sends as text. */
export type ServerMessage =
  /** The first message, before which the server answers to `hello` only. */
  | { type: 'hello'; protocol: number; program: string; needsToken: boolean }
  | {
      type: 'welcome';
      mayCommand: boolean;
      commands: readonly Command['name'][];
      topics: readonly Topic['topic'][];
    }
  | { type: 'levels'; levels: unknown }
  /** `recording`: the file that is being recorded to. */
  | { type: 'status'; status: unknown; recording: string | null }
  /** `time`: when it happened, ISO 8601. */
  | { type: 'event'; of: EventSource; time: string; event: unknown }
  | { type: 'models'; models: ModelsView }
  | { type: 'training'; training: TrainingView }
  | { type: 'tuning'; tuning: TuningView }
  | { type: 'result'; id: number; ok: true; value?: unknown }
  | { type: 'result'; id: number; ok: false; error: WireError }
  /** Frames of a topic were left out, because this client reads too slowly. */
  | { type: 'missed'; key: string; count: number }
  | { type: 'pong'; time: number }
  /** What the client sent was refused. */
  | { type: 'error'; error: WireError };
