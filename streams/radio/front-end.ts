import type { IqSamples } from '../sources/iq-chunk.js';
import { ComplexDecimator } from './filters/complex-decimator.js';
import { planDecimation } from './filters/decimation-plan.js';
import { lowPassTaps } from './filters/kaiser.js';
import { InputMixer } from './input-mixer.js';
import { NoiseBlanker } from './noise-blanker.js';
import type { Stage } from './stage.js';

/** Neighbouring channels end up this far down. */
const CHANNEL_ATTENUATION_DB = 70;

export interface FrontEndConfig {
  /** Complex samples per second at the input, Hz. */
  sampleRate: number;
  /** Lowest allowed rate at the output, Hz; the real one lies at most 60 % above, unless the input is slower. */
  minChannelRate: number;
  /** Width of the channel between its −6 dB points, Hz. */
  bandwidthHz: number;
  /** Width of each of the channel filter's slopes, Hz. */
  transitionHz: number;
  /** Subtract the mean of the input. */
  removeDc: boolean;
  /** Take short pulses out before the channel is filtered. */
  blanker: boolean;
  /** Make I and Q equally strong and put them at right angles. */
  balanceIq: boolean;
  /** The largest number of complex samples per `process`. */
  maxInput: number;
}

/** From the source's samples to one channel at 0 Hz at a low rate: mixer, decimators, channel filter. */
export class FrontEnd implements Stage<FrontEndConfig> {
  /** In input samples. */
  readonly latency: number;
  /** Rate of the channel's samples, Hz: the input's over `factor`. */
  readonly channelRate: number;
  readonly factor: number;
  /** Output samples that a step at the input still changes, that is, that are unfit for use after a start. */
  readonly settling: number;
  readonly mixer: InputMixer;
  readonly blanker: NoiseBlanker | undefined;
  readonly i: Float32Array;
  readonly q: Float32Array;
  readonly #stages: ComplexDecimator[];

  constructor(readonly config: Readonly<FrontEndConfig>) {
    const { sampleRate, minChannelRate, bandwidthHz, transitionHz, removeDc, maxInput } = config;
    const passHz = (bandwidthHz - transitionHz) / 2;
    const stopHz = (bandwidthHz + transitionHz) / 2;
    const channelTaps = (rate: number) =>
      lowPassTaps({ rate, passHz, stopHz, attenuationDb: CHANNEL_ATTENUATION_DB });
    const estimate = (rate: number) => (62 * rate) / (14.36 * transitionHz);
    const plan = planDecimation(sampleRate, minChannelRate, stopHz, estimate);
    this.mixer = new InputMixer({ sampleRate, removeDc, balanceIq: config.balanceIq });
    this.#stages = [];
    this.blanker = config.blanker ? new NoiseBlanker({ sampleRate }) : undefined;
    this.latency = this.blanker?.latency ?? 0;
    let most = maxInput + this.latency;
    for (const { factor, taps } of [...plan.stages, { factor: 1, taps: channelTaps(plan.rate) }]) {
      const stage = new ComplexDecimator({ taps, factor, maxInput: most });
      this.#stages.push(stage);
      most = stage.maxOutput;
    }
    this.factor = plan.factor;
    this.channelRate = plan.rate;
    let period = 1;
    for (const stage of this.#stages) {
      this.latency += stage.latency * period;
      period *= stage.config.factor;
    }
    this.settling = Math.ceil((2 * this.latency) / this.factor);
    this.i = new Float32Array(most);
    this.q = new Float32Array(most);
  }

  /** Takes `count` ≤ `maxInput` complex samples from the `from`-th on; gives how many channel samples lie in `i`, `q`. */
  process(samples: IqSamples, from: number, count: number): number {
    const stages = this.#stages;
    this.mixer.mix(samples, from, count, stages[0].i, stages[0].q, stages[0].writeAt);
    this.blanker?.process(stages[0].i, stages[0].q, stages[0].writeAt, count);
    let n = count;
    for (let s = 0; s + 1 < stages.length; s++) {
      n = stages[s].run(n, stages[s + 1].i, stages[s + 1].q, stages[s + 1].writeAt);
    }
    return stages[stages.length - 1].run(n, this.i, this.q, 0);
  }

  reset(): void {
    this.mixer.reset();
    this.blanker?.reset();
    for (const stage of this.#stages) stage.reset();
  }

  clone(): FrontEnd {
    return new FrontEnd(this.config);
  }
}
