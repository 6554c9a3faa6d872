import { besselI0 } from '../../src/audio/bessel.js';

/** Taps of the interpolation filter: flat to 0.44 of the sample rate, images below −90 dB. */
const TAPS = 48;
/** Sub-sample positions with coefficients of their own; between them they are interpolated linearly (error −106 dB). */
const PHASES = 512;
/** Kaiser window for 90 dB. */
const BETA = 9;

/** `PHASES + 1` rows of `TAPS` coefficients: a Kaiser-windowed sinc at delays of 0 to 1 sample, each of gain 1 at 0 Hz. */
function design(): Float64Array {
  const table = new Float64Array((PHASES + 1) * TAPS);
  for (let phase = 0; phase <= PHASES; phase++) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) {
      const x = tap - (TAPS / 2 - 1) - phase / PHASES;
      const edge = Math.min(1, Math.abs(x) / (TAPS / 2));
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      const value = (sinc * besselI0(BETA * Math.sqrt(1 - edge * edge))) / besselI0(BETA);
      table[phase * TAPS + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < TAPS; tap++) table[phase * TAPS + tap]! /= sum;
  }
  return table;
}

let shared: Float64Array | undefined;

/**
 * Interpolates a stream at a rate that may change all the time, within about 1 % of 1: the pitch of the output glides, its
 * phase never jumps. Output sample 0 lies on input sample 0; {@link latencySamples} input samples must be there first.
 */
export class VariableResampler {
  /** Input samples that must follow the one an output lies on. */
  readonly latencySamples = TAPS / 2;
  private readonly table: Float64Array;
  private history: Float32Array[];
  /** Where the next output lies, in input samples from the start of the history's filter. */
  private position = 0;

  constructor(channels: number) {
    shared ??= design();
    this.table = shared;
    this.history = Array.from({ length: channels }, () => new Float32Array(TAPS / 2 - 1));
  }

  /** Forgets everything heard. */
  reset(): void {
    this.history = this.history.map(() => new Float32Array(TAPS / 2 - 1));
    this.position = 0;
  }

  /**
   * @param samples one array per channel.
   * @param step input samples per output sample: above 1 shortens the stream.
   * @returns one array per channel; about `length / step` samples.
   */
  process(samples: readonly Float32Array[], step: number): Float32Array[] {
    const joined = samples.map((channel, c) => {
      const all = new Float32Array(this.history[c]!.length + channel.length);
      all.set(this.history[c]!);
      all.set(channel, this.history[c]!.length);
      return all;
    });
    const available = joined[0]!.length;
    const count = Math.max(0, Math.ceil((available - TAPS + 1 - this.position) / step));
    const outputs = joined.map((channel) => this.interpolate(channel, step, count));
    const end = this.position + count * step;
    const used = Math.min(Math.floor(end), available);
    this.position = end - used;
    this.history = joined.map((channel) => channel.slice(used));
    return outputs;
  }

  /** What is left when the stream ends. */
  flush(step: number): Float32Array[] {
    const zeros = this.history.map(() => new Float32Array(this.latencySamples));
    return this.process(zeros, step);
  }

  private interpolate(input: Float32Array, step: number, count: number): Float32Array {
    const { table } = this;
    const output = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const at = this.position + i * step;
      const start = Math.floor(at);
      const phase = (at - start) * PHASES;
      const row = Math.floor(phase);
      const between = phase - row;
      let lower = 0;
      let upper = 0;
      for (let tap = 0, k = row * TAPS; tap < TAPS; tap++, k++) {
        const x = input[start + tap]!;
        lower += x * table[k]!;
        upper += x * table[k + TAPS]!;
      }
      output[i] = lower + between * (upper - lower);
    }
    return output;
  }
}
