/** Operations on each number by itself, with NumPy broadcasting for those that take two. */
import { GraphError } from '../../errors.js';
import { type Shape, sameDim, showShape } from '../dim.js';
import { float, type Tensor } from '../graph.js';
import { sumTo } from './reduce.js';

function broadcastShape(a: Shape, b: Shape): Shape {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const lead = long.length - short.length;
  return long.map((dim, i) => {
    const other = i < lead ? 1 : short[i - lead];
    if (dim === 1) return other;
    if (other === 1 || sameDim(dim, other)) return dim;
    throw new GraphError('E_SHAPE', `${showShape(a)} and ${showShape(b)} do not broadcast to one shape.`);
  });
}

const binary = (op: string, a: Tensor, b: Tensor): Tensor =>
  a.graph.emit1(op, [a, b], broadcastShape(a.shape, b.shape));
const unary = (op: string, x: Tensor): Tensor => x.graph.emit1(op, [x], x.shape);

/** `a + b` */
export function add(a: Tensor, b: Tensor): Tensor {
  const y = binary('Add', a, b);
  a.graph.record([a, b], [y], ([d], need) => [
    need[0] ? sumTo(d!, a.shape) : null,
    need[1] ? sumTo(d!, b.shape) : null,
  ]);
  return y;
}

/** `a − b` */
export function sub(a: Tensor, b: Tensor): Tensor {
  const y = binary('Sub', a, b);
  a.graph.record([a, b], [y], ([d], need) => [
    need[0] ? sumTo(d!, a.shape) : null,
    need[1] ? neg(sumTo(d!, b.shape)) : null,
  ]);
  return y;
}

/** `a · b` */
export function mul(a: Tensor, b: Tensor): Tensor {
  const y = binary('Mul', a, b);
  a.graph.record([a, b], [y], ([d], need) => [
    need[0] ? sumTo(mul(d!, b), a.shape) : null,
    need[1] ? sumTo(mul(d!, a), b.shape) : null,
  ]);
  return y;
}

/** `a / b` */
export function div(a: Tensor, b: Tensor): Tensor {
  const y = binary('Div', a, b);
  a.graph.record([a, b], [y], ([d], need) => {
    const da = div(d!, b);
    return [need[0] ? sumTo(da, a.shape) : null, need[1] ? neg(sumTo(mul(da, y), b.shape)) : null];
  });
  return y;
}

/** `−x` */
export function neg(x: Tensor): Tensor {
  const y = unary('Neg', x);
  x.graph.record([x], [y], ([d]) => [neg(d!)]);
  return y;
}

/** `factor · x` */
export function scale(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : mul(x, x.graph.scalar(factor));
}

/** `x + offset` */
export function offset(x: Tensor, by: number): Tensor {
  return add(x, x.graph.scalar(by));
}

/** `x²` */
export function square(x: Tensor): Tensor {
  const y = x.graph.emit1('Mul', [x, x], x.shape);
  x.graph.record([x], [y], ([d]) => [mul(d!, scale(x, 2))]);
  return y;
}

/** `|x|`; the gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  const y = unary('Abs', x);
  x.graph.record([x], [y], ([d]) => [mul(d!, unary('Sign', x))]);
  return y;
}

/** `eˣ` */
export function exp(x: Tensor): Tensor {
  const y = unary('Exp', x);
  x.graph.record([x], [y], ([d]) => [mul(d!, y)]);
  return y;
}

/** `ln x`, for x > 0 */
export function log(x: Tensor): Tensor {
  const y = unary('Log', x);
  x.graph.record([x], [y], ([d]) => [div(d!, x)]);
  return y;
}

/** `√x`, for x > 0: the gradient at 0 is infinite. */
export function sqrt(x: Tensor): Tensor {
  const y = unary('Sqrt', x);
  x.graph.record([x], [y], ([d]) => [div(scale(d!, 0.5), y)]);
  return y;
}

/** `x^exponent` for x > 0 */
export function pow(x: Tensor, exponent: number): Tensor {
  const y = x.graph.emit1('Pow', [x, x.graph.scalar(exponent)], x.shape);
  // y/x costs one division where x^(exponent-1) would cost a second, ten times slower, power.
  x.graph.record([x], [y], ([d]) => [mul(scale(d!, exponent), div(y, x))]);
  return y;
}

/** `1 / (1 + e⁻ˣ)` */
export function sigmoid(x: Tensor): Tensor {
  const y = unary('Sigmoid', x);
  x.graph.record([x], [y], ([d]) => [mul(d!, sub(y, square(y)))]);
  return y;
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  const y = unary('Tanh', x);
  x.graph.record([x], [y], ([d]) => [mul(d!, sub(x.graph.scalar(1), square(y)))]);
  return y;
}

/** 1 where `x` > 0, else 0. `HardSigmoid` with an enormous slope is the fastest kernel for it; float64 lacks it. */
function positive(x: Tensor): Tensor {
  const g = x.graph;
  if (g.float === 'float32')
    return g.emit1('HardSigmoid', [x], x.shape, { alpha: float(1e30), beta: float(0) });
  const mask = g.emit1('Greater', [x, g.scalar(0)], x.shape, {}, 'bool');
  return g.emit1('Cast', [mask], x.shape, { to: { kind: 'int', value: 11 } });
}

/** `max(x, 0)`; the gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  const y = unary('Relu', x);
  x.graph.record([x], [y], ([d]) => [mul(d!, positive(y))]);
  return y;
}

/** `max(x, floor)`; below the floor the gradient is 0. */
export function atLeast(x: Tensor, floor: number): Tensor {
  return offset(relu(offset(x, -floor)), floor);
}

/**
 * Parametric ReLU: `x` where positive, else `slope · x`; `slope` `[c]` over the last axis (He et al. 2015). Written as
 * `slope·x + (1 − slope)·relu(x)`: four vector passes, where the runtime's `PRelu` takes 6 ns a number.
 */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  const g = x.graph;
  const { y, positivePart, rest } = g.withoutRecording(() => {
    const positivePart = unary('Relu', x);
    const rest = sub(g.scalar(1), slope);
    return { y: add(mul(x, slope), mul(positivePart, rest)), positivePart, rest };
  });
  g.record([x, slope], [y], ([d], need) => [
    need[0] ? mul(d!, add(mul(positive(x), rest), slope)) : null,
    need[1] ? sumTo(mul(d!, sub(x, positivePart)), slope.shape) : null,
  ]);
  return y;
}

/** `x · σ(x)` (also called swish) */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

/** `ln(1 + eˣ)`, computed without overflow. */
export function softplus(x: Tensor): Tensor {
  const g = x.graph;
  const y = add(unary('Relu', x), unary('Log', offset(unary('Exp', neg(unary('Abs', x))), 1)));
  g.record([x], [y], ([d]) => [mul(d!, unary('Sigmoid', x))]);
  return y;
}

/** `x · Φ(x)` with the exact normal distribution (Hendrycks & Gimpel 2016). */
export function gelu(x: Tensor): Tensor {
  const g = x.graph;
  const cdf = scale(offset(unary('Erf', scale(x, Math.SQRT1_2)), 1), 0.5);
  const y = g.emit1('Mul', [x, cdf], x.shape);
  g.record([x], [y], ([d]) => {
    const density = scale(exp(scale(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [mul(d!, add(cdf, mul(x, density)))];
  });
  return y;
}

/** `1.7159 · tanh(0.666 · x)` (LeCun 1998, with the 0.666 of the `ncps` code, not 2/3). */
export const lecunTanh = (x: Tensor): Tensor => scale(tanh(scale(x, 0.666)), 1.7159);
