import { Resampler } from '../audio/resample.js';
import { InputError, UsageError } from '../errors.js';
import { FullBandChannel } from './full-band-channel.js';
import type { MonoDenoiser } from './mono-denoiser.js';
import { UpperBandGain } from './upper-band-gain.js';

export interface FullBandOptions {
  /** Rate of the recording in Hz. */
  sampleRate: number;
  /** One per channel of the recording, all at the same rate. Channels do not influence one another. */
  denoisers: readonly MonoDenoiser[];
  /** How much of the change is made, 0 (the recording comes back untouched, to the bit) … 1 (all of it, default). */
  strength?: number;
}

/**
 * Denoises recordings of any rate and number of channels with a model of one rate, without taking their upper band away.
 *
 * With x the recording, ↓ and ↑ the ways to the model's rate and back, and m what the model makes of ↓x, the output is
 * x + strength · (y − x) with
 *
 *     y = g · x + ↑(m − g · ↓x)
 *
 * The gain g follows from what the model does at the top of the band that it hears ({@link UpperBandGain}); it rules what
 * the model does not hear, while within its band g · x and ↑(g · ↓x) cancel and m remains. Where the model changes nothing,
 * g is 1 and ↑ gets zeros: errors of the resampling do not reach the output. At the model's own rate y is m.
 *
 * Streaming: any chunks give the same output; samples come out at the place where they went in; memory does not grow.
 */
export class FullBandDenoiser {
  readonly sampleRate: number;
  readonly strength: number;
  /** By how many samples the output trails the input while streaming. */
  readonly latencySamples: number;
  readonly #channels: FullBandChannel[];
  readonly #toModel: Resampler | undefined;
  readonly #fromModel: Resampler | undefined;
  readonly #modelRate: number;
  readonly #isResampled: boolean;
  /** How many samples of each channel went back from the model's rate, and how many came out. */
  #modelPosition = 0;
  #position = 0;

  /** @throws UsageError `E_STRENGTH`; InputError `E_SAMPLE_RATE`, `E_NO_CHANNELS`, `E_RATES_DIFFER`. */
  constructor({ sampleRate, denoisers, strength = 1 }: FullBandOptions) {
    check(sampleRate, denoisers, strength);
    this.sampleRate = sampleRate;
    this.strength = strength;
    this.#modelRate = denoisers[0]!.sampleRate;
    this.#isResampled = sampleRate !== this.#modelRate;
    this.#channels = denoisers.map((denoiser) => new FullBandChannel(denoiser, sampleRate));
    if (this.#isResampled) {
      this.#toModel = new Resampler(denoisers.length, sampleRate, this.#modelRate);
      this.#fromModel = new Resampler(denoisers.length, this.#modelRate, sampleRate);
    }
    this.latencySamples = this.#latency();
  }

  /**
   * Takes the next samples; calls must not overlap.
   * @param samples One array per channel, all of the same length, full scale ±1. Not kept and not changed.
   * @returns as many samples of each channel as are ready, possibly none; the caller owns them.
   * @throws InputError `E_CHANNELS_DIFFER`.
   */
  async process(samples: readonly Float32Array[]): Promise<Float32Array[]> {
    this.#check(samples);
    if (this.strength === 0) return samples.map((channel) => channel.slice());
    if (this.#isPlain)
      return Promise.all(this.#channels.map(({ denoiser }, c) => denoiser.process(samples[c]!)));
    this.#channels.forEach((channel, c) => void channel.input.push(samples[c]!));
    await this.#denoise(this.#toModel === undefined ? samples : this.#toModel.process(samples));
    const ready = this.#channels.map(({ input, change }) => Math.min(input.length, change.length));
    return this.#take(Math.min(...ready));
  }

  /** The samples still owed: afterwards exactly as many came out as went in. Then only {@link reset} may be called. */
  async flush(): Promise<Float32Array[]> {
    if (this.strength === 0) return this.#channels.map(() => new Float32Array());
    if (this.#isPlain) return Promise.all(this.#channels.map(({ denoiser }) => denoiser.flush()));
    if (this.#toModel !== undefined) {
      // Silence after the end, so that rounding on the way there and back never leaves the last samples without their part.
      const silence = new Float32Array(2 * Math.ceil(this.sampleRate / this.#modelRate) + 2);
      await this.#denoise(this.#toModel.process(this.#channels.map(() => silence)));
      await this.#denoise(this.#toModel.flush());
    }
    const tails = await Promise.all(this.#channels.map(({ denoiser }) => denoiser.flush()));
    this.#change(tails);
    if (this.#fromModel !== undefined) {
      for (const { gain } of this.#channels) gain.flush();
      this.#change(this.#channels.map(() => new Float32Array()));
      this.#keep(this.#fromModel.flush());
    }
    return this.#take(this.#channels[0]!.input.length);
  }

  /** Forgets everything that was heard: ready for another recording. */
  reset(): void {
    for (const channel of this.#channels) channel.reset();
    this.#toModel?.reset();
    this.#fromModel?.reset();
    this.#modelPosition = 0;
    this.#position = 0;
  }

  async #denoise(noisy: readonly Float32Array[]): Promise<void> {
    this.#channels.forEach((channel, c) => void channel.noisy.push(noisy[c]!));
    this.#change(await Promise.all(this.#channels.map(({ denoiser }, c) => denoiser.process(noisy[c]!))));
  }

  /** Takes what the model made, as far as all channels have it, and brings its changes to the recording's rate. */
  #change(clean: readonly Float32Array[]): void {
    this.#channels.forEach((channel, c) => {
      channel.clean.push(clean[c]!);
      if (this.#isResampled) channel.judge();
    });
    const from = this.#modelPosition;
    const count = Math.min(
      ...this.#channels.map(({ clean, gain }) =>
        this.#isResampled ? Math.max(0, Math.min(clean.length, gain.known - from)) : clean.length,
      ),
    );
    const changes = this.#channels.map((channel) => {
      const noisy = channel.noisy.peek(count);
      const change = channel.clean.take(count);
      for (let n = 0; n < count; n++) {
        change[n]! -= this.#isResampled ? channel.gain.at(from + n) * noisy[n]! : noisy[n]!;
      }
      channel.noisy.drop(count);
      channel.judged -= count;
      return change;
    });
    this.#modelPosition += count;
    this.#keep(this.#fromModel === undefined ? changes : this.#fromModel.process(changes));
  }

  #keep(changes: readonly Float32Array[]): void {
    this.#channels.forEach((channel, c) => void channel.change.push(changes[c]!));
  }

  /** Takes samples of the recording and makes the changes that belong to them; where these are missing, none. */
  #take(count: number): Float32Array[] {
    const { strength } = this;
    const step = this.#modelRate / this.sampleRate;
    const output = this.#channels.map(({ input, change, gain }) => {
      const samples = input.take(count);
      const changes = change.peek(count);
      for (let n = 0; n < changes.length; n++) {
        const scale = this.#isResampled ? gain.at((this.#position + n) * step) : 1;
        samples[n] = samples[n]! + strength * ((scale - 1) * samples[n]! + changes[n]!);
      }
      change.drop(count);
      if (this.#isResampled) gain.forget(Math.min(this.#modelPosition, (this.#position + count) * step));
      return samples;
    });
    this.#position += count;
    return output;
  }

  /** Whether what the model makes is the output: at its own rate, and at full strength. */
  get #isPlain(): boolean {
    return this.strength === 1 && !this.#isResampled;
  }

  #latency(): number {
    if (this.strength === 0) return 0;
    const lookahead = this.#isResampled ? UpperBandGain.lookahead : 0;
    const atModelRate =
      Math.max(...this.#channels.map(({ denoiser }) => denoiser.latencySamples)) + lookahead;
    const there = this.#toModel?.latencySamples ?? 0;
    const back = this.#fromModel?.latencySamples ?? 0;
    return Math.ceil(there + ((atModelRate + back) * this.sampleRate) / this.#modelRate);
  }

  #check(samples: readonly Float32Array[]): void {
    const [first] = samples;
    if (samples.length === this.#channels.length && samples.every(({ length }) => length === first!.length))
      return;
    throw new InputError(
      'E_CHANNELS_DIFFER',
      `Denoising: got channels of ${samples.map(({ length }) => length).join(', ')} samples where ${this.#channels.length} of equal length were due.`,
    );
  }
}

function check(sampleRate: number, denoisers: readonly MonoDenoiser[], strength: number): void {
  if (!(strength >= 0 && strength <= 1)) {
    throw new UsageError('E_STRENGTH', `A strength of ${strength} is outside 0 … 1.`, {
      hint: 'Use 0 to leave the recording untouched, 1 for all of the denoising.',
    });
  }
  if (!(sampleRate > 0)) {
    throw new InputError('E_SAMPLE_RATE', `A recording at ${sampleRate} Hz cannot be denoised.`, {
      hint: 'Give a sample rate above 0 Hz.',
    });
  }
  if (denoisers.length === 0) {
    throw new InputError('E_NO_CHANNELS', 'A recording without channels cannot be denoised.', {
      hint: 'Give one denoiser per channel.',
    });
  }
  if (denoisers.some((denoiser) => denoiser.sampleRate !== denoisers[0]!.sampleRate)) {
    throw new InputError('E_RATES_DIFFER', 'The denoisers of the channels run at different rates.', {
      hint: 'Use the same model for every channel.',
    });
  }
}
