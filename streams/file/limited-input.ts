import type { AudioChunk } from '../../src/audio/chunk.js';
import type { AudioInput } from '../../src/audio/open.js';

/** The beginning of a recording as a recording of its own. */
export class LimitedInput implements AudioInput {
  private readonly most: number;

  /** @param seconds of audio that are let through */
  constructor(
    private readonly whole: AudioInput,
    seconds: number,
  ) {
    this.most = Math.max(1, Math.round(seconds * whole.format.sampleRate));
  }

  get name() {
    return this.whole.name;
  }

  get container() {
    return this.whole.container;
  }

  get format() {
    return this.whole.format;
  }

  get frames() {
    const { frames } = this.whole;
    return frames === undefined ? undefined : Math.min(frames, this.most);
  }

  get metadata() {
    return this.whole.metadata;
  }

  get warnings() {
    return this.whole.warnings;
  }

  get tags() {
    return this.whole.tags;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    let left = this.most;
    for await (const chunk of this.whole) {
      const samples = chunk.samples.map((channel) => channel.subarray(0, left));
      yield { ...chunk, samples };
      left -= samples[0].length;
      if (left === 0) return;
    }
  }

  async *exactBlocks(): AsyncGenerator<Float64Array[]> {
    let left = this.most;
    for await (const block of this.whole.exactBlocks()) {
      const samples = block.map((channel) => channel.subarray(0, left));
      yield samples;
      left -= samples[0].length;
      if (left === 0) return;
    }
  }

  close(): Promise<void> {
    return this.whole.close();
  }
}
