import { Random } from '../random.js';

/**
 * How a weight starts. `uniform` draws from ±`bound`; `xavier` from ±√(6/(fanIn + fanOut)) (Glorot & Bengio 2010);
 * `kaiming` from ±√(6/fanIn)·gain (He et al. 2015); `range` from [low, high). `chrono`
 * is for the bias of an LSTM `[4·hidden]`: forget gates that remember for 2 … `longest` steps (Tallec & Ollivier 2018,
 * arXiv 1804.11188), b_f = ln U(1, longest − 1), b_i = −b_f, the others 0.
 */
export type Initialiser =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; bound: number }
  | { kind: 'range'; low: number; high: number }
  | { kind: 'xavier'; fanIn: number; fanOut: number }
  | { kind: 'kaiming'; fanIn: number; gain?: number }
  | { kind: 'normal'; deviation: number }
  | { kind: 'chrono'; longest: number }
  | { kind: 'values'; values: readonly number[] };

export const zeros: Initialiser = { kind: 'constant', value: 0 };
export const ones: Initialiser = { kind: 'constant', value: 1 };

/** PyTorch's default for a linear layer's weights and biases: ±1/√fanIn. */
export const byFanIn = (fanIn: number): Initialiser => ({ kind: 'uniform', bound: 1 / Math.sqrt(fanIn) });

/** Values of one variable; `index` tells variables of one model apart, so that their draws are unrelated. */
export function initialValues(
  initialiser: Initialiser,
  shape: readonly number[],
  seed: number,
  index: number,
): Float32Array {
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  const random = new Random(seed, index);
  const fill = (draw: () => number): Float32Array => {
    for (let i = 0; i < values.length; i++) values[i] = draw();
    return values;
  };
  switch (initialiser.kind) {
    case 'constant':
      return values.fill(initialiser.value);
    case 'values':
      return Float32Array.from(initialiser.values);
    case 'uniform':
      return fill(() => random.uniform(-initialiser.bound, initialiser.bound));
    case 'range':
      return fill(() => random.uniform(initialiser.low, initialiser.high));
    case 'normal':
      return fill(() => initialiser.deviation * random.normal());
    case 'chrono': {
      // Gates lie in ONNX's order: input, output, forget, cell.
      const hidden = values.length / 4;
      for (let unit = 0; unit < hidden; unit++) {
        const forget = Math.log(random.uniform(1, initialiser.longest - 1));
        values[unit] = -forget;
        values[2 * hidden + unit] = forget;
      }
      return values;
    }
    case 'xavier': {
      const bound = Math.sqrt(6 / (initialiser.fanIn + initialiser.fanOut));
      return fill(() => random.uniform(-bound, bound));
    }
    case 'kaiming': {
      const bound = Math.sqrt(6 / initialiser.fanIn) * (initialiser.gain ?? 1);
      return fill(() => random.uniform(-bound, bound));
    }
  }
}
