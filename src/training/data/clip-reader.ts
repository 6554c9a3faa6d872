import { peak } from '../../audio/metrics/levels.js';
import { openAudioInput } from '../../audio/open.js';
import { resampleMono } from '../../audio/resample-mono.js';
import { TrainingError } from '../../errors.js';

/** Peak below which a recording counts as silent: −60 dBFS. */
const SILENCE_PEAK = 1e-3;
/** Oddities that leave what was read whole: a recording that ends early is a shorter recording. */
const HARMLESS = new Set(['W_TRUNCATED', 'W_PARTIAL_FRAME']);

/**
 * One file as mono samples at `sampleRate`: the mean of its channels, resampled.
 *
 * @throws {DenoiseError} when it cannot be read, or has gaps that a model would learn as clicks
 */
export async function readMono(path: string, sampleRate: number): Promise<Float32Array> {
  const input = await openAudioInput(path);
  const share = 1 / input.format.channels;
  const blocks: Float32Array[] = [];
  let length = 0;
  for await (const { samples } of input) {
    const mono = new Float32Array(samples[0].length);
    for (const channel of samples) for (let i = 0; i < mono.length; i++) mono[i] += channel[i] * share;
    blocks.push(mono);
    length += mono.length;
  }
  const damage = input.warnings.find((warning) => !HARMLESS.has(warning.code));
  if (damage !== undefined) throw new TrainingError('E_DAMAGED', damage.message);
  const whole = new Float32Array(length);
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return resampleMono(whole, input.format.sampleRate, sampleRate);
}

/** The recording without digital silence at its ends; empty where it is silent throughout (peak below −60 dBFS). */
export function trimSilence(samples: Float32Array): Float32Array {
  if (peak(samples) < SILENCE_PEAK) return samples.subarray(0, 0);
  // Two steps of 16 bit: padding added by a data set's makers, which no microphone hears.
  const floor = 2 / 32768;
  let first = 0;
  let last = samples.length;
  while (Math.abs(samples[first]) <= floor) first++;
  while (Math.abs(samples[last - 1]) <= floor) last--;
  return samples.subarray(first, last);
}
