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

/** Frames that are computed at once: 33 s at 16 kHz and a window of 512. An hour at once would take gigabytes. */
const MOST_FRAMES = 2048;

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
  const logPower = new Float32Array(frames * bands);
  const whole = frames - (frames % MOST_FRAMES);
  for (const [from, to, size] of [
    [0, whole, MOST_FRAMES],
    [whole, frames, frames - whole],
  ]) {
    if (from === to) continue;
    const session = await createSession(writeOnnx(toModel(bandGraph(size, layout))));
    try {
      for (let at = from; at < to; at += size) {
        const samples = audio.slice(at * hop, (at + size + 1) * hop);
        const results = await session.run({ audio: floatTensor(samples, [1, samples.length]) });
        logPower.set(results.logPower.data as Float32Array, at * bands);
      }
    } finally {
      await session.release();
    }
  }
  return { logPower, frames, bands };
}

function bandGraph(frames: number, layout: BandLayout): Graph {
  const hop = layout.window / 2;
  const graph = new Graph();
  const audio = graph.input('audio', [1, (frames + 1) * hop]);
  const spectrum = stft(audio, { window: layout.window, hop, bins: hop });
  graph.output('logPower', log(atLeast(bandPower(spectrum, layout), SILENCE)));
  return graph;
}

/**
 * The end of every recording apart from the rest, where both are long enough to be used.
 * @param share of a recording that is held out. @param least frames of a part that can be used
 */
export function splitFrames(
  recordings: readonly BandFrames[],
  share: number,
  least: number,
): { training: BandFrames[]; validation: BandFrames[] } {
  const training: BandFrames[] = [];
  const validation: BandFrames[] = [];
  for (const recording of recordings) {
    const { frames, bands, logPower } = recording;
    const held = Math.floor(share * frames);
    if (held < least || frames - held < least) {
      training.push(recording);
      continue;
    }
    const cut = (frames - held) * bands;
    training.push({ logPower: logPower.subarray(0, cut), frames: frames - held, bands });
    validation.push({ logPower: logPower.subarray(cut), frames: held, bands });
  }
  return { training, validation };
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
