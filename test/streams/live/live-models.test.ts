import { describe, expect, it } from 'vitest';
import { Model } from '../../../src/engine/model.js';
import { LiveModels } from '../../../streams/live/live-models.js';

describe('the models of a live session', () => {
  it('are one for voice over a radio and another for broadcast, where none was asked for', async () => {
    const models = await LiveModels.load({ device: 'cpu' });
    const names = (['nbfm', 'am', 'usb', 'cw', 'wbfm'] as const).map((mode) => models.modelFor(mode).name);
    expect(names).toEqual(['radio', 'radio', 'radio', 'radio', 'base']);
    // 32 ms of delay over a radio, for the frame ahead; 16 ms else.
    const { denoiser } = models;
    const opened = (['nbfm', 'wbfm'] as const).map((mode) =>
      denoiser({ sampleRate: 16_000, channels: 1 }, mode),
    );
    expect(opened.map((one) => one.denoiser.latencySamples)).toEqual([512, 256]);
    expect(opened.map((one) => one.mostDelaySamples)).toEqual([768, 768]);
    for (const one of opened) one.close();
    await models.close();
  });

  it('are one for sound that is from no radio, and the one that was asked for in all modes', async () => {
    const general = await LiveModels.load({ radio: false, device: 'cpu' });
    expect(general.modelFor(undefined).name).toBe('base');
    await general.close();
    const asked = await LiveModels.load({ model: 'radio', device: 'cpu' });
    expect(asked.modelFor('wbfm').name).toBe('radio');
    await asked.close();
  });

  it('can be replaced while they run: the one before is freed with its last stream', async () => {
    const models = await LiveModels.load({ device: 'cpu' });
    const opened = models.denoiser({ sampleRate: 16_000, channels: 1 }, 'nbfm');
    const old = models.modelFor('am').model;
    const next = await Model.load('base', { device: 'cpu' });
    models.replace('radio', 'candidate', next);
    expect(models.modelFor('am')).toEqual({ name: 'candidate', model: next });
    expect(models.modelFor('wbfm').name).toBe('base');
    const stream = old.createStream();
    await stream.process(new Float32Array(256));
    opened.close();
    await expect(stream.process(new Float32Array(256))).rejects.toMatchObject({ code: 'E_INFERENCE' });
    await models.close();
  });

  it('are refused by name when there is none', async () => {
    await expect(LiveModels.load({ model: 'nothing' })).rejects.toMatchObject({ code: 'E_NO_MODEL' });
  });
});
