import { describe, expect, it } from 'vitest';
import { DeviceError } from '../../../src/errors.js';
import { describeEvent } from '../../../streams/live/describe-event.js';
import {
  type LiveEvent,
  type LiveEventBody,
  liveEventSchema,
  sourceEvent,
} from '../../../streams/live/events.js';

const error = { code: 'E_X', message: 'It broke.', hint: 'Mend it.' };
/** One of every kind. */
const BODIES: LiveEventBody[] = [
  { kind: 'source-lost', lostSamples: null, estimated: true, reason: 'unplugged' },
  { kind: 'source-retry', attempt: 1, delayMs: 250, error },
  { kind: 'source-resumed', silentMs: 1234 },
  { kind: 'source-warning', message: 'The file ends early.' },
  { kind: 'outside-band', centreHz: 100e6, frequencyHz: 145e6 },
  { kind: 'broken-samples' },
  { kind: 'digital-signal', frequencyHz: 439.5e6 },
  { kind: 'narrow-signal', deviationHz: 2_100, bandwidthHz: 11_000 },
  { kind: 'activity-began', channel: 'relay', frequencyHz: 145.6e6 },
  {
    ...{ kind: 'activity-ended', channel: 'relay', frequencyHz: 145.6e6, mode: 'nbfm' },
    ...{ file: 'log/relay.wav', activeSeconds: 12.34, snrDb: 21.5 },
  },
  { kind: 'channel-unreachable', channel: 'relay', frequencyHz: 145.6e6, error },
  { kind: 'overload', passing: true },
  { kind: 'denoiser-failed', error },
  { kind: 'model-swapped', model: 'radio' },
  { kind: 'swap-failed', error },
  { kind: 'rate', sampleRate: 48_000 },
  { kind: 'file', path: 'talk-0002.wav' },
  { kind: 'output-failed', error },
  { kind: 'listener-thinned', listener: 'phone', missed: 3 },
  { kind: 'listener-dropped', listener: 'phone', error },
];
const events = BODIES.map((body) => ({ version: 1, seconds: 1.5, ...body }) as LiveEvent);

describe('live events', () => {
  it('are all known here', () => {
    const kinds = liveEventSchema.options.map(({ shape }) => shape.kind.value);
    expect(events.map(({ kind }) => kind)).toEqual(kinds);
  });

  it.each(events)('survive JSON, and have words: $kind', (event) => {
    expect(liveEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
    expect(describeEvent(event)).toMatch(/^[A-Z].*\.$/);
  });

  it('are made of what sources report, without bigints and error objects', () => {
    expect(sourceEvent({ kind: 'lost', lostSamples: 12n, estimated: false, reason: 'late' })).toEqual({
      kind: 'source-lost',
      lostSamples: 12,
      estimated: false,
      reason: 'late',
    });
    const failure = new DeviceError('E_GONE', 'It is gone.', { hint: 'Plug it in.' });
    expect(sourceEvent({ kind: 'retry', attempt: 2, delayMs: 500, error: failure })).toEqual({
      kind: 'source-retry',
      attempt: 2,
      delayMs: 500,
      error: { code: 'E_GONE', message: 'It is gone.', hint: 'Plug it in.' },
    });
  });
});
