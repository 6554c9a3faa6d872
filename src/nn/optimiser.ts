import { type Graph, int, type Tensor } from '../graph/graph.js';
import { add, div, mul, offset, scale, sqrt, square, sub } from '../graph/ops/elementwise.js';
import { split } from '../graph/ops/shape.js';

export interface AdamOptions {
  /** Largest global norm of the gradient. Default 1. */
  clip?: number;
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
}

/** The optimiser's memory as flat vectors `[parameters]`. */
export interface AdamTensors {
  weights: Tensor;
  moment1: Tensor;
  moment2: Tensor;
}

/**
 * Clipping by global norm and one update of Adam (Kingma & Ba 2015) or AdamW (Loshchilov & Hutter 2019) on flat vectors.
 * @param schedule `[3]` from {@link adamSchedule}
 */
export function adam(
  { weights, moment1, moment2 }: AdamTensors,
  gradient: Tensor,
  schedule: Tensor,
  { clip = 1, beta1 = 0.9, beta2 = 0.999 }: AdamOptions = {},
): AdamTensors & { gradientNorm: Tensor } {
  const g: Graph = weights.graph;
  const gradientNorm = sqrt(g.emit1('ReduceSumSquare', [gradient], [1], { keepdims: int(1) }));
  const coefficient = g.emit1(
    'Min',
    [g.full([1], 1), div(g.full([1], clip), offset(gradientNorm, 1e-6))],
    [1],
  );
  const [rootFactor, rootOffset, decay] = split(schedule, [1, 1, 1], 0);
  // Clipping is folded into the factors: a pass over the clipped gradient less.
  const share1 = scale(coefficient, 1 - beta1);
  const share2 = scale(square(coefficient), 1 - beta2);
  const nextMoment1 = add(scale(moment1, beta1), mul(gradient, share1));
  const nextMoment2 = add(scale(moment2, beta2), mul(square(gradient), share2));
  const step = div(nextMoment1, add(mul(sqrt(nextMoment2), rootFactor), rootOffset));
  return {
    weights: sub(mul(weights, decay), step),
    moment1: nextMoment1,
    moment2: nextMoment2,
    gradientNorm,
  };
}

/** Smallest learning rate that is told apart from 0. */
const MINIMUM_RATE = 1e-12;

/**
 * The scalars of one Adam step, with both bias corrections folded into the learning rate:
 * `m/(√v·a + b)` equals `lr·m̂/(√v̂ + ε)`.
 * @param step 1 for the first
 * @param weightDecay decoupled (AdamW); 0 for Adam
 */
export function adamSchedule(
  step: number,
  learningRate: number,
  weightDecay = 0,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {},
): Float32Array {
  const rate = Math.max(learningRate, MINIMUM_RATE) / (1 - beta1 ** step);
  return Float32Array.of(
    1 / (rate * Math.sqrt(1 - beta2 ** step)),
    epsilon / rate,
    1 - learningRate * weightDecay,
  );
}
