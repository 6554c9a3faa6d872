import { FullBandDenoiser } from '../../src/engine/full-band.js';
import type { Model } from '../../src/engine/model.js';
import type { Mode } from '../radio/modes.js';
import type { SinkFormat } from '../sinks/audio-sink.js';
import type { LiveDenoiser } from './feed.js';

/** A denoiser for a stream of a certain format, and how to let go of it. */
export interface OpenDenoiser {
  denoiser: LiveDenoiser;
  /** Length of the model's hop, seconds. */
  hopSeconds: number;
  close(): void;
}

/** Makes a denoiser for sound of a format; `mode` is that of the radio it comes from, if it comes from one. */
export type MakeDenoiser = (format: SinkFormat, mode?: Mode) => OpenDenoiser;

/** Makes denoisers that run `model` in its threads, one stream per channel, at any rate. */
export function modelDenoiser(model: Model): MakeDenoiser {
  return ({ sampleRate, channels }) => {
    const streams = Array.from({ length: channels }, () => model.createStream());
    return {
      denoiser: new FullBandDenoiser({ sampleRate, denoisers: streams }),
      hopSeconds: model.info.hop / model.info.sampleRate,
      close: () => {
        for (const stream of streams) stream.close();
      },
    };
  };
}
