import { RationalResampler, type RationalResamplerConfig } from '../filters/rational-resampler.js';

export interface UpsampleOptions {
  /** Rate of the audio and of the result, Hz; integers. */
  audioRate: number;
  rate: number;
  /** The audio is cut off above this, Hz. */
  audioHz: number;
}

const BLOCK = 4096;

/** A whole signal through a resampler, without its delay. */
function resample(
  x: Float32Array,
  config: Omit<RationalResamplerConfig, 'maxInput' | 'attenuationDb'>,
): Float32Array {
  const resampler = new RationalResampler({ ...config, attenuationDb: 80, maxInput: BLOCK });
  const { inputRate, outputRate } = config;
  // The resampler makes its delay a whole number of output samples.
  const delay = Math.round((resampler.latency * outputRate) / inputRate);
  const length = Math.round((x.length * outputRate) / inputRate);
  const out = new Float32Array(length + delay + resampler.maxOutput);
  let at = 0;
  for (let from = 0; at < length + delay; from += BLOCK) {
    resampler.input.fill(0, resampler.writeAt);
    resampler.input.set(x.subarray(from, from + BLOCK), resampler.writeAt);
    at += resampler.run(BLOCK, out, at);
  }
  return out.slice(delay, delay + length);
}

/**
 * Whole audio at a higher rate, without delay: sample n of the result belongs to the time n / rate. The sharp filter
 * runs at the audio's rate; the one that makes the new samples can then be short.
 */
export function upsample(audio: Float32Array, { audioRate, rate, audioHz }: UpsampleOptions): Float32Array {
  const passHz = Math.min(audioHz, audioRate * 0.42);
  const stopHz = Math.min(passHz * 1.2, audioRate - passHz);
  const limited = resample(audio, {
    inputRate: audioRate,
    inputDivisor: 1,
    outputRate: audioRate,
    passHz,
    stopHz,
  });
  return resample(limited, {
    inputRate: audioRate,
    inputDivisor: 1,
    outputRate: rate,
    passHz: stopHz,
    stopHz: audioRate - stopHz,
  });
}
