import type { ByteReader } from './byte-reader.js';
import { type AudioFormat, type AudioWarning, BYTES_PER_SAMPLE, blockFrames } from './format.js';
import { decodePcm } from './pcm.js';
import type { MakeSamples, PlanarBlocks, Samples } from './planar-blocks.js';
import { checkChannelsAndRate } from './wav/fmt-chunk.js';

/** Samples without a header: interleaved, little-endian, in a format the caller knows. */
export class RawPcmReader implements PlanarBlocks {
  readonly container = 'raw';
  readonly warnings: AudioWarning[] = [];
  readonly frames: number | undefined;
  private readonly frameBytes: number;

  /** @throws InputError where the format has no channel, no rate, or absurd ones */
  constructor(
    private readonly bytes: ByteReader,
    readonly format: AudioFormat,
  ) {
    checkChannelsAndRate(format.channels, format.sampleRate);
    this.frameBytes = BYTES_PER_SAMPLE[format.sampleFormat] * format.channels;
    this.frames = bytes.remaining === undefined ? undefined : Math.floor(bytes.remaining / this.frameBytes);
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { bytes, format, frameBytes } = this;
    const limit = blockFrames(format.channels) * frameBytes;
    for (;;) {
      const raw = await bytes.readUnits(frameBytes, limit);
      const frames = Math.floor(raw.length / frameBytes);
      if (frames === 0) {
        if (raw.length > 0) {
          const message = `The last frame is incomplete (${raw.length} of ${frameBytes} bytes) and was left out.`;
          this.warnings.push({ code: 'W_PARTIAL_FRAME', message });
        }
        return;
      }
      const block = Array.from({ length: format.channels }, () => make(frames));
      decodePcm(raw, format, block, frames);
      yield block;
    }
  }

  close(): Promise<void> {
    return this.bytes.close();
  }
}
