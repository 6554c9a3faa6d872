/** Recordings of noise as frames of log band power, and how far two noises are apart over the long term. */
import { type BandLayout, bandPower } from '../../../models/spectral-front.js';
import { createSession, floatTensor } from '../../engine/runtime.js';
import { TrainingError } from '../../errors.js';
import { Graph } from '../../graph/graph.js';
import { toModel } from '../../graph/onnx/envelope.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { atLeast, log } from '../../graph/ops/elementwise.js';
import { stft } from '../../graph/ops/spectral.js';

/** Band power below which a frame counts as silent. */
const SILENCE = 1e-9;

export interface BandFrames {
  /** `[frames, bands]`: natural logarithm of the power. */
  logPower: Float32Array;
  frames: number;
  bands: number;
}

/**
 * Frames of a recording, half a window apart.
 * @throws TrainingError `E_TOO_SHORT` when it is shorter than one window
 */
export async function bandFrames(audio: Float32Array, layout: BandLayout): Promise<BandFrames> {
  const { window, bands } = layout;
  const hop = window / 2;
  const frames = Math.floor(audio.length / hop) - 1;
  if (frames < 1)
    throw new TrainingError(
      'E_TOO_SHORT',
      `A recording of ${audio.length} samples has no frame of ${window}.`,
    );
  const graph = new Graph();
  const samples = (frames + 1) * hop;
  const spectrum = stft(graph.input('audio', [1, samples]), { window, hop, bins: hop });
  graph.output('logPower', log(atLeast(bandPower(spectrum, layout), SILENCE)));
  const session = await createSession(writeOnnx(toModel(graph)));
  try {
    const { logPower } = await session.run({ audio: floatTensor(audio.slice(0, samples), [1, samples]) });
    return { logPower: logPower.data as Float32Array, frames, bands };
  } finally {
    await session.release();
  }
}

/** Mean power of every band over all recordings, `[bands]`. */
export function longTermPower(recordings: readonly BandFrames[]): Float64Array {
  const { bands } = recordings[0];
  const total = recordings.reduce((sum, { frames }) => sum + frames, 0);
  const power = new Float64Array(bands);
  for (const { logPower } of recordings)
    logPower.forEach((value, i) => {
      power[i % bands] += Math.exp(value) / total;
    });
  return power;
}

/**
 * Root mean square over the bands of the difference of two long-term spectra in dB, level and all. Bands in which both
 * are silent are left out.
 */
export function longTermDistance(a: readonly BandFrames[], b: readonly BandFrames[]): number {
  const [p, q] = [longTermPower(a), longTermPower(b)];
  const heard = [...p.keys()].filter((band) => Math.max(p[band], q[band]) > 2 * SILENCE);
  const squares = heard.map((band) => (10 * Math.log10(p[band] / q[band])) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(squares.length, 1));
}

/** Mean and deviation of every band's log power; deviations of at least 0.05, for bands that never change. */
export function bandStatistics(recordings: readonly BandFrames[]): {
  mean: Float32Array;
  deviation: Float32Array;
} {
  const { bands } = recordings[0];
  const total = recordings.reduce((sum, { frames }) => sum + frames, 0);
  const mean = new Float64Array(bands);
  const square = new Float64Array(bands);
  for (const { logPower } of recordings)
    logPower.forEach((value, i) => {
      mean[i % bands] += value / total;
      square[i % bands] += value ** 2 / total;
    });
  const deviation = square.map((s, band) => Math.sqrt(Math.max(s - mean[band] ** 2, 0.05 ** 2)));
  return { mean: Float32Array.from(mean), deviation: Float32Array.from(deviation) };
}
