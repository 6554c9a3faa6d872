import { FullBandDenoiser } from '../../src/engine/full-band.js';
import type { Model } from '../../src/engine/model.js';
import type { MakeDenoiser } from './live-denoiser.js';

/** Makes denoisers that run `model` in its threads, one stream per channel, at any rate. */
export function modelDenoiser(model: Model): MakeDenoiser {
  return ({ sampleRate, channels }) => {
    const streams = Array.from({ length: channels }, () => model.createStream());
    return {
      denoiser: new FullBandDenoiser({ sampleRate, denoisers: streams }),
      hopSeconds: model.info.hop / model.info.sampleRate,
      model,
      close: () => {
        for (const stream of streams) stream.close();
      },
    };
  };
}

/** A model that frees itself: its threads end when its owner and the last denoiser that runs it have let go of it. */
export class SharedModel {
  #users = 1;
  #isOwned = true;
  #freed: Promise<void> | undefined;

  /** @param model Belongs to this object from now on. */
  constructor(readonly model: Model) {}

  /** Opens a denoiser that holds the model until it is closed. */
  readonly open: MakeDenoiser = (format, mode) => {
    const opened = modelDenoiser(this.model)(format, mode);
    this.#users++;
    let isOpen = true;
    return {
      ...opened,
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        opened.close();
        this.#letGo();
      },
    };
  };

  /** How many hold the model: its owner and open denoisers. */
  get users(): number {
    return this.#users;
  }

  /** The owner needs it no more. Resolves when the threads have ended, at once where denoisers still run. */
  async release(): Promise<void> {
    if (this.#isOwned) {
      this.#isOwned = false;
      this.#letGo();
    }
    await this.#freed;
  }

  #letGo(): void {
    this.#users--;
    if (this.#users === 0) this.#freed = this.model.close();
  }
}
