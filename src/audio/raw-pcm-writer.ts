import type { ByteTarget } from '../files/byte-target.js';
import type { AudioWriter } from './audio-writer.js';
import { type AudioFormat, BYTES_PER_SAMPLE, blockFrames } from './format.js';
import { encodePcm, type Planar } from './pcm.js';

/** Writes interleaved little-endian samples without a header. */
export class RawPcmWriter implements AudioWriter {
  frames = 0;
  clipped = 0;
  private readonly block: Uint8Array;
  private readonly step: number;
  private readonly frameBytes: number;

  constructor(
    private readonly target: ByteTarget,
    readonly format: AudioFormat,
  ) {
    this.step = blockFrames(format.channels);
    this.frameBytes = BYTES_PER_SAMPLE[format.sampleFormat] * format.channels;
    this.block = new Uint8Array(this.step * this.frameBytes);
  }

  async write(samples: Planar): Promise<void> {
    const length = samples[0]?.length ?? 0;
    for (let at = 0; at < length; at += this.step) {
      const frames = Math.min(this.step, length - at);
      this.clipped += encodePcm(samples, this.format, this.block, frames, at);
      await this.target.write(this.block.subarray(0, frames * this.frameBytes));
      this.frames += frames;
    }
  }

  async syncHeader(): Promise<void> {}

  async finish(): Promise<void> {}
}
