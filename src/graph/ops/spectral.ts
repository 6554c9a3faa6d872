/** Short-time Fourier transform and its inverse as matrix products, so that any ONNX runtime can run and differentiate them. */
import { type Dim, divideDim, fixed } from '../dim.js';
import type { Tensor } from '../graph.js';
import { unfold } from './convolution.js';
import { add, atLeast, exp, log, mul, scale, square } from './elementwise.js';
import { linear } from './linear.js';
import { pad, reshape, slice, split } from './shape.js';

export interface StftOptions {
  /** Window length in samples; a multiple of `hop`. */
  window: number;
  /** Samples between frames. */
  hop: number;
  /** Bins kept, from DC up. Default: all `window/2 + 1`. */
  bins?: number;
  /**
   * Samples at the end of the window that the inverse gives back: fewer than `window` take a spectrum finer than the delay
   * would allow. Default `window`.
   */
  given?: number;
}

/** Real and imaginary parts, each `[batch, frames, bins]`. */
export interface Spectrum {
  re: Tensor;
  im: Tensor;
}

/**
 * Window of the analysis: rises over all but the last `given/2` samples and falls over those, a quarter of a sine each way.
 * With `given = window` the square root of the periodic Hann window; else as in Mauler & Martin 2007.
 */
const analysisWindow = (window: number, given: number): Float64Array => {
  const rise = window - given / 2;
  return Float64Array.from({ length: window }, (_, n) =>
    n < rise ? Math.sin((Math.PI * n) / (2 * rise)) : Math.sin((Math.PI * (n - window + given)) / given),
  );
};

/** Window of the synthesis: times the analysis a periodic Hann window over the last `given` samples. */
const synthesisWindow = (window: number, given: number): Float64Array => {
  const analysis = analysisWindow(window, given).subarray(window - given);
  return analysis.map((w, n) => (n === 0 ? 0 : Math.sin((Math.PI * n) / given) ** 2 / w));
};

/** `[batch, time] → [batch, frames, bins]`, frames = (time − window)/hop + 1; `time` must be a multiple of the hop. */
export function stft(
  x: Tensor,
  { window, hop, bins = window / 2 + 1, given = window }: StftOptions,
): Spectrum {
  const g = x.graph;
  const analysis = g.table(`stft ${window} ${bins} ${given}`, [window, 2 * bins], () => {
    const w = analysisWindow(window, given);
    const table = new Float64Array(window * 2 * bins);
    for (let n = 0; n < window; n++) {
      for (let k = 0; k < bins; k++) {
        const phase = (2 * Math.PI * ((n * k) % window)) / window;
        table[n * 2 * bins + k] = w[n] * Math.cos(phase);
        table[n * 2 * bins + bins + k] = -w[n] * Math.sin(phase);
      }
    }
    return table;
  });
  const [batch, time] = x.shape;
  const blocks = reshape(x, [batch, divideDim(time as Dim, hop), hop]);
  const frames = unfold(blocks, window / hop);
  const [re, im] = split(linear(frames, analysis), [bins, bins], 2);
  return { re, im };
}

/** {@link stft} of audio of any length: zeros fill its last hop. */
export function paddedStft(x: Tensor, options: StftOptions): Spectrum {
  const { hop } = options;
  const time = fixed(x.shape[1], 'the time axis of padded spectra');
  return stft(pad(x, 1, 0, (hop - (time % hop)) % hop), options);
}

/**
 * Windows to overlap and add: `[batch, frames, bins] → [batch, frames, given]`. With {@link overlapAdd} the exact inverse
 * of {@link stft} away from the edges. Bins that are left out count as zero.
 */
export function istft({ re, im }: Spectrum, { window, hop, given = window }: StftOptions): Tensor {
  const g = re.graph;
  const bins = fixed(re.shape[2], 'bins');
  const table = (part: 're' | 'im', wave: (phase: number) => number): Tensor =>
    g.table(`istft ${part} ${window} ${bins} ${hop} ${given}`, [bins, given], () => {
      const w = synthesisWindow(window, given);
      const first = window - given;
      const values = new Float64Array(bins * given);
      // Σ over hops of sin² is given/(2·hop).
      const gain = (2 * hop) / given / window;
      for (let k = 0; k < bins; k++) {
        const weight = k === 0 || k === window / 2 ? gain : 2 * gain;
        for (let n = 0; n < given; n++)
          values[k * given + n] = weight * w[n] * wave((2 * Math.PI * (((first + n) * k) % window)) / window);
      }
      return values;
    });
  return add(
    linear(re, table('re', Math.cos)),
    linear(
      im,
      table('im', (phase) => -Math.sin(phase)),
    ),
  );
}

export interface CompressedSpectrum extends Spectrum {
  /** Compressed magnitude `|X|^exponent`. */
  magnitude: Tensor;
}

/**
 * Power-law compression of magnitudes with the phase kept: `|X|^p` and `X·|X|^(p−1)`. Powers go through one logarithm and
 * two exponentials, which have vector kernels where `Pow` has not.
 * @param floor smallest |X|² told apart from silence; default 1e-12
 */
export function compress({ re, im }: Spectrum, exponent: number, floor = 1e-12): CompressedSpectrum {
  const power = log(atLeast(add(square(re), square(im)), floor));
  const gain = exp(scale(power, (exponent - 1) / 2));
  return { magnitude: exp(scale(power, exponent / 2)), re: mul(re, gain), im: mul(im, gain) };
}

/** Drops the first and last `edge` samples: `[batch, time] → [batch, time − 2·edge]`. */
export const trim = (x: Tensor, edge: number): Tensor => slice(x, 1, edge, fixed(x.shape[1], 'time') - edge);
