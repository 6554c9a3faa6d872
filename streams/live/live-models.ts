import { openModel } from '../../models/open-model.js';
import type { ModelUse } from '../../models/use.js';
import type { Device } from '../../src/engine/device.js';
import { Model } from '../../src/engine/model.js';
import { delayOf, type MakeDenoiser } from '../denoise/live-denoiser.js';
import { modelDenoiser } from '../denoise/model-denoiser.js';
import type { Mode } from '../radio/modes.js';

/**
 * What the model of a mode is for; `undefined` is audio that comes from no radio. WBFM is no voice radio: a model for radio
 * takes music for noise.
 */
export function useOf(mode: Mode | undefined): ModelUse {
  return mode === undefined || mode === 'wbfm' ? 'speech' : 'radio';
}

export interface LiveModelsOptions {
  /** The only model, as `Model.load` finds it. Left out: the champions of voice over a radio and of the rest. */
  model?: string | undefined;
  /** Ends the loading; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** The audio comes from a radio, whose mode may change, and the model with it; default true. */
  radio?: boolean;
  /** Default `auto`. */
  device?: Device;
}

interface NamedModel {
  name: string;
  model: Model;
}

/** The models of a live session: the one that was asked for, or those that its modes need. */
export class LiveModels {
  readonly #models = new Map<ModelUse, NamedModel>();

  private constructor() {}

  /** @throws ModelError, DeviceError as `Model.load` does */
  static async load({
    model: asked,
    radio = true,
    device = 'auto',
    signal,
  }: LiveModelsOptions = {}): Promise<LiveModels> {
    const models = new LiveModels();
    const uses: ModelUse[] = radio ? ['radio', 'speech'] : ['speech'];
    try {
      const loaded = new Map<string, Model>();
      for (const use of uses) {
        const opened = await openModel(asked, { use, signal });
        const { hash } = opened.checkpoint.info;
        const model = loaded.get(hash)?.retain() ?? (await Model.fromOpened(opened, { device }));
        loaded.set(hash, model);
        models.#models.set(use, { name: model.name, model });
      }
      return models;
    } catch (error) {
      await models.close();
      throw error;
    }
  }

  /** For `LiveOptions.denoiser`. */
  readonly denoiser: MakeDenoiser = (format, mode) => {
    const delays = [...this.#models.values()].map(({ model }) => {
      const opened = modelDenoiser(model)(format);
      opened.close();
      return delayOf(opened, format.sampleRate);
    });
    const { name, model } = this.modelFor(mode);
    return { ...modelDenoiser(model)(format), name, mostDelaySamples: Math.max(...delays) };
  };

  /** The model that denoises audio of a mode, and its own name or that of its file. */
  modelFor(mode: Mode | undefined): { readonly name: string; readonly model: Model } {
    return this.championOf(useOf(mode));
  }

  /** The model that serves a use; audio that comes from no radio has but one. */
  championOf(use: ModelUse): { readonly name: string; readonly model: Model } {
    return (this.#models.get(use) ?? this.#models.get('speech'))!;
  }

  /**
   * Sets the model for a use. The one before is freed when no stream runs it any more. A running session takes the new one
   * with `LiveSession.swap()`.
   *
   * @param model This object takes over the caller's use of it.
   */
  replace(use: ModelUse, name: string, model: Model): void {
    const old = this.#models.get(use);
    this.#models.set(use, { name, model });
    void old?.model.release();
  }

  /** Frees all models, those that still run when their streams end. */
  async close(): Promise<void> {
    await Promise.all([...this.#models.values()].map(({ model }) => model.release()));
  }
}
