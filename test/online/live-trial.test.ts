import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Model } from '../../src/engine/model.js';
import { tryLive } from '../../src/online/live-trial.js';
import { packageRoot } from '../../src/package-root.js';
import { LiveModels } from '../../streams/live/live-models.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { openSource } from '../../streams/sources/open-source.js';
import { AudioClock } from '../support/audio-clock.js';
import { gainCheckpoint } from '../support/gain-model.js';
import { startLive } from '../support/live-session.js';

const folder = mkdtempSync(join(tmpdir(), 'denoise-trial-'));
afterAll(() => rmSync(folder, { recursive: true }));

let session: LiveSession;
let models: LiveModels;

beforeEach(async () => {
  const champion = join(folder, 'champion.onnx');
  writeFileSync(champion, gainCheckpoint(1, 'champion'));
  models = await LiveModels.load({ model: champion, radio: false, device: 'cpu' });
  const source = await openSource(join(packageRoot, 'assets', 'noisy-speech.wav'), {
    loop: true,
    pace: 'fast',
  });
  ({ session } = await startLive('', { source, radio: undefined, denoiser: models.denoiser }));
});
afterEach(async () => {
  session.stop();
  await session.done;
  await models.close();
});

const trial = async (gain: number) =>
  tryLive({
    ...{ session, models, use: 'speech' },
    candidate: await Model.fromBytes(gainCheckpoint(gain, 'candidate'), { device: 'cpu' }),
    shadowSeconds: 60,
    // Not in real time: how long things take says nothing here.
    mostLoad: Number.POSITIVE_INFINITY,
    probation: { length: 15, load: 100 },
    clock: new AudioClock(session),
  });

const serving = () => session.status.denoiser?.model;

describe('a trial on live audio', () => {
  it('keeps a candidate that does well', async () => {
    expect(await trial(0.6)).toEqual({ kept: true });
    expect(serving()).toBe('candidate');
    expect(models.modelFor(undefined).name).toBe('candidate');
  }, 60_000);

  it('goes back to the champion when the candidate does worse', async () => {
    const outcome = await trial(2.5);
    expect(outcome).toMatchObject({ kept: false, stage: 'probation' });
    expect((outcome as { reason: string }).reason).toMatch(
      /5 of \d+ seconds were bad, .*louder than the input/,
    );
    expect(serving()).toBe('champion');
    expect(models.modelFor(undefined).name).toBe('champion');
  }, 60_000);

  it('does not let a candidate be heard that is far off', async () => {
    const heard: unknown[] = [];
    session.on('event', (event) => heard.push(event.kind));
    expect(await trial(20)).toMatchObject({
      kept: false,
      stage: 'shadow',
      reason: expect.stringMatching(/its level is \d+\.\d dB/),
    });
    expect(await trial(0.1)).toMatchObject({
      kept: false,
      stage: 'shadow',
      reason: expect.stringContaining('-2'),
    });
    expect(serving()).toBe('champion');
    expect(heard).not.toContain('model-swapped');
  }, 60_000);
});
