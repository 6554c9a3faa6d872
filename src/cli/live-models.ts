import { DEFAULT_MODEL, RADIO_MODEL } from '../../models/catalogue.js';
import type { MakeDenoiser } from '../../streams/denoise/live-denoiser.js';
import { modelDenoiser } from '../../streams/denoise/model-denoiser.js';
import type { Mode } from '../../streams/radio/modes.js';
import type { Device } from '../engine/device.js';
import { Model } from '../engine/model.js';
import { summarise } from './model-summary.js';

/** The models of a live session: the one that was asked for, or those that its modes need. */
export class LiveModels {
  readonly #models = new Map<string, Model>();

  private constructor(private readonly asked: string | undefined) {}

  /**
   * @param asked Name or path of the only one; left out: one for voice over a radio, another for broadcast and the rest.
   * @param isRadio The mode may be changed on the way, and the model with it.
   */
  static async load(asked: string | undefined, isRadio: boolean, device: Device): Promise<LiveModels> {
    const models = new LiveModels(asked);
    const modes: (Mode | undefined)[] = isRadio ? ['nbfm', 'wbfm'] : [undefined];
    try {
      for (const name of new Set(modes.map((mode) => models.#nameFor(mode))))
        models.#models.set(name, await Model.load(name, { device }));
      return models;
    } catch (error) {
      await models.close();
      throw error;
    }
  }

  readonly denoiser: MakeDenoiser = (format, mode) => modelDenoiser(this.#modelFor(mode))(format);

  /** What `--json` says of the model of a mode. */
  summary(mode: Mode | undefined) {
    const { info, device } = this.#modelFor(mode);
    return { ...summarise(info, this.#nameFor(mode)), device };
  }

  async close(): Promise<void> {
    for (const model of this.#models.values()) await model.close();
  }

  #nameFor(mode: Mode | undefined): string {
    const isVoice = mode !== undefined && mode !== 'wbfm';
    return this.asked ?? (isVoice ? RADIO_MODEL : DEFAULT_MODEL);
  }

  #modelFor(mode: Mode | undefined): Model {
    return this.#models.get(this.#nameFor(mode)) as Model;
  }
}
