/**
 * What models on short-time spectra share: frames in, frames out, and bands of frequency. Windows overlap by half; they
 * are square-root Hann, or such as reach further back.
 */
import { z } from 'zod';
import { addDims, multiplyDims } from '../src/graph/dim.js';
import type { Graph, Tensor } from '../src/graph/graph.js';
import { add, atLeast, exp, log, mul, scale, square, sub } from '../src/graph/ops/elementwise.js';
import { linear } from '../src/graph/ops/linear.js';
import { reshape, slice, split } from '../src/graph/ops/shape.js';
import { istft, type Spectrum, stft } from '../src/graph/ops/spectral.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import { withPast } from './layers.js';

/** Settings of every family that works on short-time spectra. */
export const frameSettings = {
  sampleRate: z.int().min(8000).max(48000).default(16000).describe('Hz'),
  window: z.int().min(64).max(4096).multipleOf(2).default(512).describe('samples; frames hop by half of it'),
  lookback: z
    .int()
    .min(0)
    .max(8192)
    .default(0)
    .describe('samples before a window that its spectrum takes in; costs no delay'),
};

export const LOOKBACK_RULE = 'lookback must be a multiple of window/2';
export const lookbackFits = ({ window, lookback }: { window: number; lookback: number }): boolean =>
  lookback % (window / 2) === 0;

/**
 * Spectra of the stream's frames without the Nyquist bin, so that strides divide them:
 * `[batch, frames, (window + lookback)/2]`.
 * @param lookback samples before the window that its spectrum takes in as well, a multiple of half a window; default 0
 */
export function analyse(b: ModelBuilder, audio: Tensor, window: number, lookback = 0): Spectrum {
  const hop = window / 2;
  const length = window + lookback;
  const past = withPast(b, 'analysis', audio, length - hop);
  return stft(past, { window: length, hop, bins: length / 2, given: window });
}

/** Back to samples, half a window late; the second half of every window waits in the state for the next one. */
export function synthesise(b: ModelBuilder, spectrum: Spectrum, window: number, lookback = 0): Tensor {
  const hop = window / 2;
  const [batch, frames] = spectrum.re.shape;
  const windows = istft(spectrum, { window: window + lookback, hop, given: window });
  const [now, later] = split(windows, [hop, hop], 2);
  const overlap = withPast(b, 'synthesis', later, 1);
  return reshape(add(now, slice(overlap, 1, 0, frames)), [batch, multiplyDims(frames, hop)]);
}

/** Complex product of the spectrum and the mask `[batch, frames, bins, 2]`. */
export function applyMask({ re, im }: Spectrum, mask: Tensor): Spectrum {
  const [maskRe, maskIm] = split(mask, [1, 1], 3).map((part) => reshape(part, re.shape));
  return { re: sub(mul(re, maskRe), mul(im, maskIm)), im: add(mul(re, maskIm), mul(im, maskRe)) };
}

/** The spectrum of some frames ago. */
export function delayed(b: ModelBuilder, { re, im }: Spectrum, frames: number): Spectrum {
  if (frames === 0) return { re, im };
  const late = (name: string, x: Tensor): Tensor => slice(withPast(b, name, x, frames), 1, 0, x.shape[1]);
  return { re: late('spectrum.re', re), im: late('spectrum.im', im) };
}

/**
 * Filters every bin along time with complex coefficients of its own (deep filtering, Mack & Habets 2020): the sum of the
 * newest `taps` frames, each times its coefficient.
 * @param filter `[batch, frames, 2·taps, bins]`: real and imaginary part for the newest frame, the one before, …
 */
export function filterFrames(b: ModelBuilder, { re, im }: Spectrum, filter: Tensor, taps: number): Spectrum {
  const [batch, frames, , bins] = filter.shape;
  const coefficients = split(filter, Array<number>(2 * taps).fill(1), 2).map((part) =>
    reshape(part, [batch, frames, bins]),
  );
  const past = (name: string, x: Tensor): Tensor => (taps === 1 ? x : withPast(b, name, x, taps - 1));
  const [pastRe, pastIm] = [past('filtered.re', re), past('filtered.im', im)];
  const terms = Array.from({ length: taps }, (_, tap): Spectrum => {
    const from = taps - 1 - tap;
    const x = slice(pastRe, 1, from, addDims(frames, from));
    const y = slice(pastIm, 1, from, addDims(frames, from));
    const [u, v] = coefficients.slice(2 * tap, 2 * tap + 2);
    return { re: sub(mul(x, u), mul(y, v)), im: add(mul(x, v), mul(y, u)) };
  });
  return terms.reduce((sum, term) => ({ re: add(sum.re, term.re), im: add(sum.im, term.im) }));
}

/** Multiplies real and imaginary parts by real gains of the same shape. */
export const applyGain = ({ re, im }: Spectrum, gain: Tensor): Spectrum => ({
  re: mul(re, gain),
  im: mul(im, gain),
});

/** How frequency is divided. */
export interface BandLayout {
  /** Hz */
  sampleRate: number;
  /** Samples; there are `window/2` bins. */
  window: number;
  bands: number;
}

/** Number of equivalent rectangular bandwidths below a frequency in Hz (Glasberg & Moore 1990). */
const erbRate = (hz: number): number => 21.4 * Math.log10(1 + 0.00437 * hz);

/**
 * Share of every bin in every band, `[bins][bands]` row by row: triangles evenly spaced on the ERB scale from 0 Hz to the
 * last bin. The shares of a bin add up to 1.
 */
export function bandShares({ sampleRate, window, bands }: BandLayout): Float64Array {
  const bins = window / 2;
  const shares = new Float64Array(bins * bands);
  const top = erbRate(((bins - 1) / window) * sampleRate);
  for (let bin = 0; bin < bins; bin++) {
    const position = (erbRate((bin / window) * sampleRate) / top) * (bands - 1);
    const below = Math.min(Math.floor(position), Math.max(bands - 2, 0));
    shares[bin * bands + below] = 1 - (position - below);
    if (bands > 1) shares[bin * bands + below + 1] = position - below;
  }
  return shares;
}

const table = (g: Graph, layout: BandLayout, transposed: boolean): Tensor => {
  const { sampleRate, window, bands } = layout;
  const bins = window / 2;
  const key = `bands ${sampleRate} ${window} ${bands} ${transposed}`;
  return g.table(key, transposed ? [bands, bins] : [bins, bands], () => {
    const shares = bandShares(layout);
    return transposed ? shares.map((_, i) => shares[(i % bins) * bands + Math.floor(i / bins)]) : shares;
  });
};

/** Power in each band: `[batch, frames, bins] → [batch, frames, bands]`. */
export const bandPower = ({ re, im }: Spectrum, layout: BandLayout): Tensor =>
  linear(add(square(re), square(im)), table(re.graph, layout, false));

/** Power below which a band counts as silent: −60 dB of one sample's full scale. */
const SILENCE = 1e-6;

/** Band magnitudes compressed to `|X|^exponent`, about 1 for speech: `[batch, frames, bands]`. */
export const compressedBands = (spectrum: Spectrum, layout: BandLayout, exponent: number): Tensor =>
  exp(scale(log(atLeast(bandPower(spectrum, layout), SILENCE)), exponent / 2));

/** A value per band spread over its bins: `[batch, frames, bands] → [batch, frames, bins]`. */
export const spreadBands = (perBand: Tensor, layout: BandLayout): Tensor =>
  linear(perBand, table(perBand.graph, layout, true));
