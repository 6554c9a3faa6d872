import type { AudioChunk } from '../../src/audio/chunk.js';
import type { MakeDenoiser } from '../../streams/denoise/live-denoiser.js';
import type { LiveOptions } from '../../streams/live/live-options.js';
import { LiveSession } from '../../streams/live/live-session.js';
import { ChunkSink } from '../../streams/sinks/audio-sink.js';
import { IqFileSource } from '../../streams/sources/iq-file.js';
import { TRANSMISSION } from './iq-fixture.js';
import { HalvingDenoiser } from './live-denoisers.js';

/** Keeps what it gets. */
export class Collector extends ChunkSink {
  readonly chunks: AudioChunk[] = [];
  protected async consume(chunk: AudioChunk): Promise<void> {
    this.chunks.push(chunk);
  }
  get audio(): Float32Array {
    return Float32Array.from(this.chunks.flatMap(({ samples }) => [...samples[0]]));
  }
}

/** Denoisers that halve the audio. */
export const halving: MakeDenoiser = ({ channels, sampleRate }) => ({
  denoiser: new HalvingDenoiser(channels, Math.round(0.016 * sampleRate)),
  hopSeconds: 0.016,
  close: () => {},
});

/** A session on a recording of `transmission`, as fast as it goes, into a collector. */
export async function startLive(recording: string, options: Partial<LiveOptions> = {}) {
  const { rate: sampleRate, centreHz, tuneHz } = TRANSMISSION;
  const source = options.source ?? (await IqFileSource.open(recording, { sampleRate, centreHz }));
  let sink!: Collector;
  const session = await LiveSession.start({
    source,
    realtime: false,
    radio: { frequencyHz: tuneHz },
    ...(options.denoiser && { music: 'off' as const }),
    openSinks: async (format) => {
      sink = new Collector(format);
      return [sink];
    },
    ...options,
  });
  return { session, sink };
}

export const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
