import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NoiseCapture } from '../../src/online/capture.js';
import { NoiseStore } from '../../src/online/noise-store.js';
import { packageRoot } from '../../src/package-root.js';
import { LiveModels } from '../../streams/live/live-models.js';
import { openSource } from '../../streams/sources/open-source.js';
import { startLive } from '../support/live-session.js';

const folder = mkdtempSync(join(tmpdir(), 'denoise-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Level of the speech in `assets/noisy-speech.wav` is −13 to −18 dBFS over 100 ms, that of the noise −20 to −30. */
const BELOW_SPEECH_DB = -20;

describe('the capture of noise', () => {
  it('keeps the noise before and between words, and no word', async () => {
    const path = join(packageRoot, 'assets', 'noisy-speech.wav');
    const models = await LiveModels.load({ model: 'base', radio: false, device: 'cpu' });
    const source = await openSource(path, { pace: 'fast' });
    const { session } = await startLive('', { source, radio: undefined, denoiser: models.denoiser });
    const store = new NoiseStore(folder);
    const errors: unknown[] = [];
    const capture = new NoiseCapture(session, {
      store,
      profile: 'room',
      source: 'test',
      onError: (e) => errors.push(e),
    });
    await session.done;
    await capture.close();
    await models.close();
    expect(errors).toEqual([]);
    const pieces = store.list('room');
    expect(pieces.reduce((sum, { seconds }) => sum + seconds, 0)).toBeGreaterThan(0.5);
    for (const { levelDb, sampleRate } of pieces) {
      expect(sampleRate).toBe(16_000);
      expect(levelDb).toBeLessThan(BELOW_SPEECH_DB);
    }
  }, 120_000);
});
