import type { IqChunk } from './iq-chunk.js';
import { type ReconnectingOptions, ReconnectingSource } from './reconnecting.js';
import { checkFrequency, DIRECT_SAMPLING, exactSampleRate, tunerChip } from './rtl2832u.js';
import type { DirectSampling, Tuner, TunerSettings } from './tuner.js';

/** What every way to the chip can set by one number. */
export type Rtl2832uSetting =
  | 'centreFrequency'
  | 'sampleRate'
  | 'agcMode'
  | 'biasTee'
  | 'directSampling'
  | 'offsetTuning';

/** A radio with an RTL2832U, wherever it is plugged in: `cu8` chunks, and settings checked before they are sent. */
export abstract class Rtl2832uSource extends ReconnectingSource<IqChunk> implements Tuner {
  readonly kind = 'iq';
  protected chip = tunerChip(0);
  private rate: number;
  private centre = 0;
  private input: DirectSampling = 'off';
  private lastGain: number | 'auto' = 'auto';

  constructor(options: TunerSettings & ReconnectingOptions) {
    super(options);
    this.rate = exactSampleRate(options.sampleRate ?? 1_024_000);
  }

  /**
   * Sets one thing, and again after every new connection.
   *
   * @param doing what to call it in an error
   * @returns what the radio says that it does now; `undefined` where it says nothing
   */
  protected abstract apply(
    setting: Rtl2832uSetting,
    value: number,
    doing: string,
  ): Promise<number | undefined>;

  /** Sets the gain. @returns what it is then */
  protected abstract applyGain(gain: number | 'auto'): Promise<number | 'auto'>;
  abstract setPpm(ppm: number): Promise<number>;

  get sampleRate(): number {
    return this.rate;
  }

  get centreHz(): number {
    return this.centre;
  }

  get tuner(): string {
    return this.chip.name;
  }

  get gains(): readonly number[] {
    return this.chip.gains.map((tenths) => tenths / 10);
  }

  get gain(): number | 'auto' {
    return this.lastGain;
  }

  async setGain(gain: number | 'auto'): Promise<number | 'auto'> {
    this.lastGain = await this.applyGain(gain);
    return this.lastGain;
  }

  async setCentre(hz: number): Promise<number> {
    const asked = checkFrequency(hz, this.chip, this.input);
    const real = (await this.apply('centreFrequency', asked, `Tuning to ${asked / 1e6} MHz`)) ?? asked;
    if (this.centre !== 0 && real !== this.centre) this.markBreak(`tuned to ${real / 1e6} MHz`);
    this.centre = real;
    return real;
  }

  async setSampleRate(hz: number): Promise<number> {
    const exact = exactSampleRate(hz);
    const doing = `Setting the sample rate to ${hz} Hz`;
    const real = (await this.apply('sampleRate', Math.round(hz), doing)) ?? exact;
    this.rateChanged(this.rate, real);
    this.rate = real;
    return real;
  }

  async setAgc(on: boolean): Promise<boolean> {
    await this.apply('agcMode', on ? 1 : 0, 'Setting the digital gain control');
    return on;
  }

  async setBiasTee(on: boolean): Promise<boolean> {
    await this.apply('biasTee', on ? 1 : 0, 'Switching the bias tee');
    return on;
  }

  async setDirectSampling(input: DirectSampling): Promise<DirectSampling> {
    await this.apply('directSampling', DIRECT_SAMPLING.indexOf(input), 'Setting direct sampling');
    this.input = input;
    return input;
  }

  async setOffsetTuning(on: boolean): Promise<boolean> {
    await this.apply('offsetTuning', on ? 1 : 0, 'Setting offset tuning');
    return on;
  }

  /** Takes whole samples that just arrived, as bytes I, Q, I, Q… */
  protected arriveBytes(samples: Uint8Array): void {
    this.arrive({ samples, format: 'cu8', sampleRate: this.rate, centreHz: this.centre }, samples.length / 2);
  }
}
