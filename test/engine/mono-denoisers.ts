import { SampleQueue } from '../../src/audio/sample-queue.js';
import type { MonoDenoiser } from '../../src/engine/mono-denoiser.js';

/**
 * A denoiser without a model, that treats every sample alike. As a model does, it holds samples back until blocks of `hop`
 * are full and `latencySamples` more have come.
 */
export function samplewise(
  change: (sample: number, index: number) => number,
  { sampleRate = 16_000, latencySamples = 512, hop = 160 } = {},
): MonoDenoiser {
  const waiting = new SampleQueue();
  let index = 0;
  const take = (count: number) => {
    const samples = waiting.take(count);
    for (let n = 0; n < samples.length; n++) samples[n] = change(samples[n]!, index++);
    return Promise.resolve(samples);
  };
  return {
    sampleRate,
    latencySamples,
    process: (samples) => {
      waiting.push(samples);
      return take(hop * Math.max(0, Math.floor((waiting.length - latencySamples) / hop)));
    },
    flush: () => take(waiting.length),
    reset: () => {
      waiting.clear();
      index = 0;
    },
  };
}
