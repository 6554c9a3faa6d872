import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MakeDenoiser } from '../../../streams/denoise/live-denoiser.js';
import type { LiveEvent } from '../../../streams/live/events.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import type { Mode } from '../../../streams/radio/modes.js';
import { HopDenoiser } from '../../support/hop-denoiser.js';
import { transmission } from '../../support/iq-fixture.js';
import { startLive } from '../../support/live-session.js';
import { until } from '../../support/until.js';

const RATE = 16_000;
let folder: string;
let recording: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-swap-'));
  recording = join(folder, 'band.cu8');
  writeFileSync(
    recording,
    transmission(Float32Array.from({ length: 3 * RATE }, (_, n) => 0.5 * Math.sin(0.4 * n))),
  );
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Denoisers that scale, by a gain for each mode, and note what they were made for. */
function maker(gainOf: (mode: Mode | undefined) => number, latencySamples = 256) {
  const made: { mode: Mode | undefined; denoiser: HopDenoiser }[] = [];
  const make: MakeDenoiser = ({ sampleRate }, mode) => {
    const denoiser = new HopDenoiser({ hop: 256, latencySamples, gain: gainOf(mode) });
    made.push({ mode, denoiser });
    return { ...denoiser.open(sampleRate), name: `for ${mode}` };
  };
  return { make, made };
}

function eventsOf(session: LiveSession): LiveEvent[] {
  const events: LiveEvent[] = [];
  session.on('event', (event) => events.push(event));
  return events;
}

describe('the model of a live session', () => {
  it('follows the mode where the rate stays, too, without a gap', async () => {
    const { make, made } = maker((mode) => (mode === 'am' ? 0.25 : 0.5));
    const { session, sink } = await startLive(recording, {
      denoiser: make,
      radio: { frequencyHz: 100_025_000, audioRate: RATE },
    });
    const events = eventsOf(session);
    await until(() => session.status.seconds > 0.5);
    expect(session.status.denoiser?.model).toBe('for nbfm');
    await session.radio!.setMode('am');
    await until(() => events.length > 0);
    expect(events).toMatchObject([{ kind: 'model-swapped', model: 'for am' }]);
    expect(session.status.denoiser?.model).toBe('for am');
    await session.done;
    expect(made.map(({ mode }) => mode)).toEqual(['nbfm', 'am']);
    expect(made.map(({ denoiser }) => denoiser.closes)).toEqual([1, 1]);
    let next = 0n;
    for (const { firstSample, samples } of sink.chunks) {
      expect(firstSample).toBe(next);
      next += BigInt(samples[0].length);
    }
  });

  it('can be exchanged by hand, now and for rates to come', async () => {
    const [a, b] = [maker(() => 0.5), maker(() => 0.25)];
    const { session } = await startLive(recording, { denoiser: a.make });
    await until(() => session.status.seconds > 0.2);
    await session.swap(b.make);
    expect([a.made.length, b.made.length]).toEqual([1, 1]);
    await until(() => session.radio!.status !== undefined);
    await session.radio!.setMode('wbfm');
    await session.done;
    expect([a.made.length, b.made.map(({ mode }) => mode)]).toEqual([1, ['nbfm', 'wbfm']]);
  });

  it('is not exchanged for one that needs more delay than was kept ready', async () => {
    const a = maker(() => 0.5);
    const slow = maker(() => 0.25, 1024);
    const tight = await startLive(recording, { denoiser: a.make });
    await expect(tight.session.swap(slow.make)).rejects.toMatchObject({ code: 'E_SLOT_LATENCY' });
    await tight.session.done;
    const wide = await startLive(recording, { denoiser: a.make, mostDelaySeconds: 0.08 });
    await wide.session.swap(slow.make);
    await wide.session.done;
  });

  it.each([
    [{ strength: 0.5 }, 'E_NO_DENOISER'],
    [{ music: 'off' as const }, 'E_NO_DENOISER'],
    [{ durationSeconds: 0 }, 'E_DURATION'],
  ])('refuses %j where that cannot matter', async (options, code) => {
    await expect(startLive(recording, options)).rejects.toMatchObject({ code });
  });

  it('cannot be exchanged where there is none', async () => {
    const { session } = await startLive(recording);
    await expect(session.swap()).rejects.toMatchObject({ code: 'E_NO_DENOISER' });
    await session.done;
  });
});
