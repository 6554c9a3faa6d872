import { describe, expect, it } from 'vitest';
import { LiveModels } from '../../src/cli/live-models.js';

describe('the models of a live session', () => {
  it('are one for voice over a radio and another for broadcast, where none was asked for', async () => {
    const models = await LiveModels.load(undefined, true, 'cpu');
    const names = (['nbfm', 'am', 'usb', 'cw', 'wbfm'] as const).map((mode) => models.summary(mode).name);
    expect(names).toEqual(['radio', 'radio', 'radio', 'radio', 'base']);
    // 32 ms of delay over a radio, for the frame ahead; 16 ms else.
    const { denoiser } = models;
    const opened = (['nbfm', 'wbfm'] as const).map((mode) =>
      denoiser({ sampleRate: 16_000, channels: 1 }, mode),
    );
    expect(opened.map((one) => one.denoiser.latencySamples)).toEqual([512, 256]);
    for (const one of opened) one.close();
    await models.close();
  });

  it('are one for sound that is from no radio, and the one that was asked for in all modes', async () => {
    const general = await LiveModels.load(undefined, false, 'cpu');
    expect(general.summary(undefined).name).toBe('base');
    await general.close();
    const asked = await LiveModels.load('radio', true, 'cpu');
    expect(asked.summary('wbfm').name).toBe('radio');
    await asked.close();
  });

  it('are refused by name when there is none', async () => {
    await expect(LiveModels.load('nothing', true, 'cpu')).rejects.toMatchObject({ code: 'E_NO_MODEL' });
  });
});
