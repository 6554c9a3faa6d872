import type { IqSource } from './chunk-source.js';

/** Which ADC input of the RTL2832U is sampled past the tuner, for 0 to 28.8 MHz; `off` uses the tuner. */
export type DirectSampling = 'off' | 'i' | 'q';

/** What a radio is set to. Left-out settings keep the hardware's default. */
export interface TunerSettings {
  /** Centre frequency, Hz; default 100 MHz. */
  centreHz?: number;
  /** Complex samples per second, Hz; default 1 024 000. */
  sampleRate?: number;
  /** Tuner gain, dB, or `auto` for the tuner's own gain control; default `auto`. */
  gain?: number | 'auto';
  /** Crystal error to correct, parts per million (whole numbers); default 0. */
  ppm?: number;
  /** The RTL2832U's digital gain control; default off. */
  agc?: boolean;
  /** 4.5 V for an antenna amplifier on the aerial socket; default off. */
  biasTee?: boolean;
  directSampling?: DirectSampling;
  /** Tunes beside the wanted frequency to keep the DC spike out of it (E4000 and FC001x only); default off. */
  offsetTuning?: boolean;
}

/**
 * A source that can be tuned. Every setter resolves to what the hardware really does, which may differ from what was
 * asked, and rejects with a `DeviceError` when it can not do it at all.
 */
export interface Tuner {
  /** Name of the tuner chip, such as `R820T`. */
  readonly tuner: string;
  /** Gains the tuner can be set to, dB, ascending; empty when unknown. */
  readonly gains: readonly number[];
  /** What the last {@link setGain} resolved to. */
  readonly gain: number | 'auto';
  readonly centreHz: number;
  setCentre(hz: number): Promise<number>;
  setSampleRate(hz: number): Promise<number>;
  setGain(gain: number | 'auto'): Promise<number | 'auto'>;
  setPpm(ppm: number): Promise<number>;
  setAgc(on: boolean): Promise<boolean>;
  setBiasTee(on: boolean): Promise<boolean>;
  setDirectSampling(input: DirectSampling): Promise<DirectSampling>;
  setOffsetTuning(on: boolean): Promise<boolean>;
}

/** True when `source` is a radio rather than a recording. */
export function isTuner(source: IqSource): source is IqSource & Tuner {
  return typeof (source as Partial<Tuner>).setCentre === 'function';
}

/** Applies `settings` in the order the hardware wants them: rate and correction before the frequency. */
export async function applySettings(tuner: Tuner, settings: TunerSettings): Promise<void> {
  await tuner.setSampleRate(settings.sampleRate ?? 1_024_000);
  if (settings.ppm !== undefined && settings.ppm !== 0) await tuner.setPpm(settings.ppm);
  if (settings.directSampling !== undefined && settings.directSampling !== 'off')
    await tuner.setDirectSampling(settings.directSampling);
  if (settings.offsetTuning) await tuner.setOffsetTuning(true);
  await tuner.setCentre(settings.centreHz ?? 100e6);
  await tuner.setGain(settings.gain ?? 'auto');
  if (settings.agc !== undefined) await tuner.setAgc(settings.agc);
  if (settings.biasTee !== undefined) await tuner.setBiasTee(settings.biasTee);
}
