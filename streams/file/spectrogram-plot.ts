import { SpectrogramAccumulator, spectrogramPair } from '../../src/audio/plot/index.js';
import type { AlignedStretch } from './aligned-channels.js';

/** The picture of a recording before and after, gathered while it flows by. */
export class SpectrogramPlot {
  private readonly before: SpectrogramAccumulator;
  private readonly after: SpectrogramAccumulator;

  /** @param sampleRate - of the recording, Hz. */
  constructor(sampleRate: number) {
    this.before = new SpectrogramAccumulator({ sampleRate });
    this.after = new SpectrogramAccumulator({ sampleRate });
  }

  add({ before, after }: AlignedStretch): void {
    this.before.push(before);
    this.after.push(after);
  }

  /** @returns a PNG; nothing may be added afterwards. */
  draw(title: string): Buffer {
    return spectrogramPair(this.before.finish(), this.after.finish(), { title });
  }
}
