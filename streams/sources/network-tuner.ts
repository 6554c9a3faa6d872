import { DeviceError } from '../../src/errors.js';
import type { IqChunk } from './iq-chunk.js';
import { type ReconnectingOptions, ReconnectingSource } from './reconnecting.js';
import type { DirectSampling, Tuner, TunerSettings } from './tuner.js';

export interface NetworkTunerOptions
  extends Pick<TunerSettings, 'centreHz' | 'sampleRate' | 'gain'>,
    ReconnectingOptions {
  host: string;
  port: number;
  /** Milliseconds for connection and greeting together; default 10 000: some servers look clients up first. */
  connectTimeoutMs?: number;
}

/** A receiver that somebody else's server shares: frequency and gain can be asked for, the hardware is not ours. */
export abstract class NetworkTuner extends ReconnectingSource<IqChunk> implements Tuner {
  readonly kind = 'iq';
  abstract readonly tuner: string;
  readonly gains: readonly number[] = [];
  protected readonly connectTimeoutMs: number;
  /** Complex samples a second; 0 before the server has told. */
  protected rate = 0;
  /** Hz. */
  protected centre: number;
  protected lastGain: number | 'auto' = 'auto';

  /** @param defaultCentreHz where it is tuned to unless `options` say so */
  constructor(options: NetworkTunerOptions, defaultCentreHz: number) {
    super(options);
    this.connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
    this.centre = Math.round(options.centreHz ?? defaultCentreHz);
  }

  get sampleRate(): number {
    return this.rate;
  }

  get centreHz(): number {
    return this.centre;
  }

  abstract setCentre(hz: number): Promise<number>;
  /** Sets the gain. @returns what it is then */
  protected abstract applyGain(gain: number | 'auto'): Promise<number | 'auto'>;

  get gain(): number | 'auto' {
    return this.lastGain;
  }

  async setGain(gain: number | 'auto'): Promise<number | 'auto'> {
    this.lastGain = await this.applyGain(gain);
    return this.lastGain;
  }

  async setSampleRate(hz: number): Promise<number> {
    if (hz === this.sampleRate) return hz;
    return this.#refuse('a new sample rate while it runs');
  }

  async setPpm(ppm: number): Promise<number> {
    return ppm === 0 ? 0 : this.#refuse('a correction of its crystal');
  }

  async setAgc(on: boolean): Promise<boolean> {
    return on ? this.#refuse('a digital gain control') : false;
  }

  async setBiasTee(on: boolean): Promise<boolean> {
    return on ? this.#refuse('a supply of the aerial') : false;
  }

  async setDirectSampling(input: DirectSampling): Promise<DirectSampling> {
    return input === 'off' ? input : this.#refuse('direct sampling');
  }

  async setOffsetTuning(on: boolean): Promise<boolean> {
    return on ? this.#refuse('offset tuning') : false;
  }

  #refuse(what: string): never {
    throw new DeviceError('E_UNSUPPORTED', `${this.tuner} does not take ${what} over the network.`, {
      hint: 'Its owner sets that at the server.',
    });
  }
}
