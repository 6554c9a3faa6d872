import { z } from 'zod';
import type { DenoiseError } from '../../src/errors.js';
import { MODES } from '../radio/modes.js';
import type { SourceNotice } from '../sources/chunk-source.js';

/** Version of the union; it rises when a kind goes or changes its meaning, not when one is added. */
export const LIVE_EVENT_VERSION = 1;

const common = {
  version: z.literal(LIVE_EVENT_VERSION),
  /** Audio given out so far, seconds. */
  seconds: z.number(),
};
/** An error as it stands in events: see `DenoiseError`. */
const error = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });

type EventError = z.infer<typeof error>;

const event = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.object({ ...common, kind: z.literal(kind), ...shape });

/** Everything that happens in a live session and that somebody may want to know: JSON-safe, told apart by `kind`. */
export const liveEventSchema = z.discriminatedUnion('kind', [
  /** Samples of the source are gone; `null`: nobody knows how many. `estimated`: counted by the clock. */
  event('source-lost', { lostSamples: z.number().nullable(), estimated: z.boolean(), reason: z.string() }),
  /** The source failed and is tried again in `delayMs` milliseconds. */
  event('source-retry', { attempt: z.number(), delayMs: z.number(), error }),
  /** Samples flow again after `silentMs` milliseconds without. */
  event('source-resumed', { silentMs: z.number() }),
  event('source-warning', { message: z.string() }),
  /** The source has moved to where the frequency tuned to is not received: silence. */
  event('outside-band', { centreHz: z.number(), frequencyHz: z.number() }),
  /** Samples were NaN, infinite or far too large: silence instead. Told once. */
  event('broken-samples', {}),
  /** What is received is keyed, as DMR and data are: there is no voice to be heard. */
  event('digital-signal', { frequencyHz: z.number() }),
  /** NBFM: the station swings by so little when it talks, Hz, that a channel of `bandwidthHz` would do. */
  event('narrow-signal', { deviationHz: z.number(), bandwidthHz: z.number() }),
  /** A scan stays: somebody talks on this channel. */
  event('activity-began', { channel: z.string(), frequencyHz: z.number() }),
  /**
   * Nobody talks there any more. How long somebody did, seconds, and the highest carrier-to-noise ratio, dB; `file` has it
   * denoised, if it was recorded.
   */
  event('activity-ended', {
    ...{ channel: z.string(), frequencyHz: z.number(), mode: z.enum(MODES), file: z.string().nullable() },
    ...{ activeSeconds: z.number(), snrDb: z.number() },
  }),
  /** A scan leaves this channel out: the radio cannot be tuned there. */
  event('channel-unreachable', { channel: z.string(), frequencyHz: z.number(), error }),
  /** The machine does not keep up, and audio passes undenoised (`passing`), or it does again. */
  event('overload', { passing: z.boolean() }),
  /** The denoiser failed; audio passes undenoised until another one takes its place. */
  event('denoiser-failed', { error }),
  /** Another model denoises from now on; `null` where it has no name. */
  event('model-swapped', { model: z.string().nullable() }),
  /** Another model could not take over; the one before goes on. */
  event('swap-failed', { error }),
  /** The audio has another rate from now on, Hz: that of another mode. */
  event('rate', { sampleRate: z.number() }),
  /** A recording goes on in another file. */
  event('file', { path: z.string() }),
  /** One of several outputs failed; the others go on. */
  event('output-failed', { error }),
  /** A listener was too slow for its budget: so many items were left out since the last time this was told. */
  event('listener-thinned', { listener: z.string(), missed: z.number() }),
  /** A listener was detached because it failed, or was too slow. */
  event('listener-dropped', { listener: z.string(), error }),
]);

export type LiveEvent = z.infer<typeof liveEventSchema>;

type WithoutCommon<E> = E extends LiveEvent ? Omit<E, keyof typeof common> : never;
/** An event as a part of the session reports it; the session adds version and time. */
export type LiveEventBody = WithoutCommon<LiveEvent>;

/** What a source reports, as an event. */
export function sourceEvent(notice: SourceNotice): LiveEventBody {
  switch (notice.kind) {
    case 'lost': {
      const { lostSamples, estimated, reason } = notice;
      const count = lostSamples === undefined ? null : Number(lostSamples);
      return { kind: 'source-lost', lostSamples: count, estimated, reason };
    }
    case 'retry': {
      const { attempt, delayMs, error } = notice;
      return { kind: 'source-retry', attempt, delayMs, error: plainError(error) };
    }
    case 'resumed':
      return { kind: 'source-resumed', silentMs: notice.silentMs };
    case 'warning':
      return { kind: 'source-warning', message: notice.message };
  }
}

/** An error as it stands in events. */
export function plainError(error: DenoiseError): EventError {
  return error.toJSON();
}
