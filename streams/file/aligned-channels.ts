import { SampleQueue } from '../../src/audio/sample-queue.js';
import type { FullBandDenoiser } from '../../src/engine/full-band.js';
import { DenoiseError } from '../../src/errors.js';

/** A stretch of the recording before and after, sample for sample the same moments. Shapes `[channels][time]`. */
export interface AlignedStretch {
  before: Float32Array[];
  after: Float32Array[];
}

interface Channel {
  denoiser: FullBandDenoiser;
  /** The end of what this channel has been asked to do. */
  done: Promise<unknown>;
}

/**
 * The channels of a recording, each through a denoiser of its own and each at its own pace, so that one is resampled while
 * a worker thread runs the model on another. What went in is kept until its clean counterpart comes out, so that the two
 * can be measured and drawn.
 */
export class AlignedChannels {
  private readonly channels: Channel[];
  private readonly waiting: SampleQueue[];

  /** @param denoisers - one per channel, all of the same kind and made for one channel each. */
  constructor(denoisers: readonly FullBandDenoiser[]) {
    this.channels = denoisers.map((denoiser) => ({ denoiser, done: Promise.resolve() }));
    this.waiting = denoisers.map(() => new SampleQueue());
  }

  /**
   * Feeds the next samples of every channel. Calls may overlap; each resolves after those before it.
   *
   * @param block - one array per channel, not changed afterwards.
   * @returns what is ready, possibly of no length; the caller owns it.
   */
  async process(block: readonly Float32Array[]): Promise<AlignedStretch> {
    this.waiting.forEach((queue, c) => void queue.push(block[c]));
    return this.pair(this.eachChannel(({ denoiser }, c) => denoiser.process([block[c]])));
  }

  /** The samples still owed; nothing may follow. */
  async flush(): Promise<AlignedStretch> {
    return this.pair(this.eachChannel(({ denoiser }) => denoiser.flush()));
  }

  private eachChannel(
    work: (channel: Channel, c: number) => Promise<Float32Array[]>,
  ): Promise<Float32Array[]> {
    return Promise.all(
      this.channels.map(async (channel, c) => {
        const mine = channel.done.then(() => work(channel, c));
        channel.done = mine;
        return (await mine)[0];
      }),
    );
  }

  private async pair(work: Promise<Float32Array[]>): Promise<AlignedStretch> {
    const after = await work;
    const [{ length }] = after;
    if (after.some((channel) => channel.length !== length) || length > this.waiting[0].length) {
      throw new DenoiseError(
        'E_MISALIGNED',
        'The denoisers of the channels gave different numbers of samples.',
      );
    }
    return { before: this.waiting.map((queue) => queue.take(length)), after };
  }
}
