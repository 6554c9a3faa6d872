/**
 * The liquid time-constant cell (Hasani et al. 2021, AAAI 16936) with the fused semi-implicit solver of `ncps.torch`: neuron
 * j follows c dv/dt = g (v_leak − v) + Σ w σ(sigma (v_i − mu)) (E − v) over its synapses, implicit in its own potential and
 * explicit in the others', which is stable at any step.
 */
import { fixed, multiplyDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { add, div, mul, neg, offset, scale, sigmoid, softplus } from '../src/graph/ops/elementwise.js';
import { recurrence } from '../src/graph/ops/recurrence.js';
import { sum } from '../src/graph/ops/reduce.js';
import { reshape, slice, transpose } from '../src/graph/ops/shape.js';
import { type Initialiser, ones, zeros } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import { Random } from '../src/random.js';

export interface LtcLayerConfig {
  /** Neurons; the first `outputs` of them are motor neurons, whose potentials go out. */
  units: number;
  outputs: number;
  /** Solver steps per time step. */
  unfolds: number;
  /**
   * How conductances and capacitances stay positive: `softplus` of what is learnt, or `clamp`, a minimum of 0 that every
   * optimiser step ends with.
   */
  constraint: 'softplus' | 'clamp';
  /** Share of synapses left out, 0…1. */
  sparsity: number;
  /** Elapsed time per step, scaled; 1 for audio at a fixed rate. */
  elapsed: number;
}

/** Keeps a neuron without any conductance from dividing by zero. */
const EPSILON = 1e-8;

const range = (low: number, high: number): Initialiser => ({ kind: 'range', low, high });

/**
 * Reversal potentials before training: +1 for an exciting synapse, −1 for an inhibiting one, 0 where there is none, two
 * in three exciting, as `ncps` draws them.
 */
function polarities(sources: number, targets: number, sparsity: number, stream: number): number[] {
  const random = new Random(22_222, stream, sources, targets);
  return Array.from({ length: sources * targets }, () =>
    random.chance(sparsity) ? 0 : random.integer(3) === 0 ? -1 : 1,
  );
}

/**
 * LTC along time with its potentials in the stream's state: `[batch, time, inputs] → [batch, time, outputs]`, with an affine
 * mapping of every input and every output.
 * @param name prefix of its weights and states
 */
export function ltcLayer(b: ModelBuilder, name: string, x: Tensor, config: LtcLayerConfig): Tensor {
  const { units, outputs, unfolds, elapsed } = config;
  const [batch, time] = x.shape;
  const inputs = fixed(x.shape[2], `the input of ${name}`);
  const mapped = add(
    mul(x, b.weight(`${name}.input_w`, [inputs], ones)),
    b.weight(`${name}.input_b`, [inputs], zeros),
  );
  const minimum = config.constraint === 'clamp' ? 0 : undefined;
  const positive = (weight: string, shape: readonly number[], low: number, high: number): Tensor => {
    const w = b.weight(`${name}.${weight}`, shape, range(low, high), minimum);
    return config.constraint === 'softplus' ? softplus(w) : w;
  };
  const leak = positive('gleak', [units], 0.001, 1);
  const leakCurrent = mul(leak, b.weight(`${name}.vleak`, [units], range(-0.2, 0.2)));
  const capacity = scale(positive('cm', [units], 0.4, 0.6), unfolds / elapsed);
  const sensory = synapses(b, name, 'sensory_', inputs, config, positive);
  const inner = synapses(b, name, '', units, config, positive);

  // What the senses drive does not depend on the state: for all steps at once, outside the loop.
  const rows = multiplyDims(time, batch);
  const senses = drive(reshape(transpose(mapped, [1, 0, 2]), [rows, inputs]), sensory);
  const over = (t: Tensor): Tensor => reshape(t, [time, batch, units]);
  const { sequence, states } = recurrence(
    {
      inputs: [
        over(add(senses.current, leakCurrent)),
        over(offset(add(senses.conductance, add(leak, capacity)), EPSILON)),
      ],
      states: [b.state(`${name}.v`, [units])],
      weights: { capacity, ...inner },
      cell: ([current, conductance], [before], w) => {
        let v = before;
        for (let unfold = 0; unfold < unfolds; unfold++) {
          const synaptic = drive(v, w);
          const pull = add(add(mul(w.capacity, v), current), synaptic.current);
          v = div(pull, add(conductance, synaptic.conductance));
        }
        return { states: [v], output: v };
      },
    },
    b.lstmLayout,
  );
  b.nextState(`${name}.v`, states[0]);
  const motor = slice(transpose(sequence, [1, 0, 2]), 2, 0, outputs);
  return add(
    mul(motor, b.weight(`${name}.output_w`, [outputs], ones)),
    b.weight(`${name}.output_b`, [outputs], zeros),
  );
}

/** Synapses by target and source `[units, sources]`: sources last, where sums are fastest. */
type Synapses = Readonly<Record<'strength' | 'signed' | 'slope' | 'threshold', Tensor>>;

/** Declares synapses from `sources` as `ncps` does, `[sources, units]`. */
function synapses(
  b: ModelBuilder,
  name: string,
  prefix: string,
  sources: number,
  { units, sparsity }: LtcLayerConfig,
  positive: (weight: string, shape: readonly number[], low: number, high: number) => Tensor,
): Synapses {
  const shape = [sources, units];
  const values = polarities(sources, units, sparsity, prefix === '' ? 1 : 0);
  const byTarget = (w: Tensor): Tensor => transpose(w, [1, 0]);
  let strength = byTarget(positive(`${prefix}w`, shape, 0.001, 1));
  const slope = byTarget(b.weight(`${name}.${prefix}sigma`, shape, range(3, 8)));
  const middle = byTarget(b.weight(`${name}.${prefix}mu`, shape, range(0.3, 0.8)));
  const reversal = byTarget(b.weight(`${name}.${prefix}erev`, shape, { kind: 'values', values }));
  if (sparsity > 0) {
    const mask = b.graph.table(`${name} ${prefix}mask`, [units, sources], () =>
      Float64Array.from(values, (_, i) => Math.abs(values[(i % sources) * units + Math.floor(i / sources)])),
    );
    strength = mul(strength, mask);
  }
  return { strength, signed: mul(strength, reversal), slope, threshold: neg(mul(slope, middle)) };
}

/** Current into and conductance of every target, from the sources' potentials: `[rows, sources] → [rows, units]` each. */
function drive(v: Tensor, s: Synapses): { current: Tensor; conductance: Tensor } {
  const [rows, sources] = v.shape;
  const open = sigmoid(add(mul(reshape(v, [rows, 1, sources]), s.slope), s.threshold));
  return { current: sum(mul(open, s.signed), [2]), conductance: sum(mul(open, s.strength), [2]) };
}
