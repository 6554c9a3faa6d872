import { FullBandDenoiser } from '../../src/engine/full-band.js';
import type { Model } from '../../src/engine/model.js';
import type { MakeDenoiser } from './live-denoiser.js';

/**
 * Makes denoisers that run `model` in its threads, one stream per channel, at any rate. Each is a user of the model until it
 * is closed: its owner may release it before, and its threads end with the last of them.
 */
export function modelDenoiser(model: Model): MakeDenoiser {
  return ({ sampleRate, channels }) => {
    model.retain();
    const streams = Array.from({ length: channels }, () => model.createStream());
    let isOpen = true;
    return {
      denoiser: new FullBandDenoiser({ sampleRate, denoisers: streams }),
      hopSeconds: model.info.hop / model.info.sampleRate,
      model,
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        for (const stream of streams) stream.close();
        void model.release();
      },
    };
  };
}
