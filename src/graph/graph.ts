import { GraphError } from '../errors.js';
import { type Dim, type Shape, type SymbolicDim, showShape } from './dim.js';
import { withoutOutputCopies } from './onnx/loop-body.js';
import type {
  DataType,
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
  TensorData,
} from './onnx/model.js';
import { Tape, type Vjp } from './tape.js';

/** The handle of a value in a graph under construction: a name, a shape and an element type; it holds no numbers. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: Shape;
  readonly type: DataType;
}

export interface GraphOptions {
  /** Element type of all real numbers; `float64` serves gradient checks. Default `float32`. */
  float?: 'float32' | 'float64';
  /**
   * Most inputs of one `Concat` or `Sum` and outputs of one `Split`, at least 2. Default: no limit. WebGPU shaders bind
   * about 15 buffers, so graphs meant for it pass 14, and wide splits are then made in levels.
   */
  maxFanOut?: number;
}

/**
 * Builds one ONNX graph, operation by operation, and remembers how to differentiate it. Operations are the functions in
 * `ops/`; each calls {@link Graph.emit} for its nodes and {@link Graph.record} for its derivative.
 */
export class Graph {
  readonly float: 'float32' | 'float64';
  readonly maxFanOut: number;
  readonly nodes: OnnxNode[] = [];
  readonly initialisers: OnnxTensor[] = [];
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];
  private readonly tape = new Tape<Tensor>();
  private readonly constants = new Map<string, Tensor>();
  private readonly runtimeSymbols = new Map<string, () => Tensor>();
  private recording = true;
  private counter = 0;

  /** @param parent the graph around this one, when this is the body of a `Scan`: names stay unique, constants live outside */
  constructor(
    options: GraphOptions = {},
    private readonly parent?: Graph,
  ) {
    this.float = options.float ?? 'float32';
    this.maxFanOut = options.maxFanOut ?? Number.POSITIVE_INFINITY;
  }

  /** A graph for the body of a `Scan` in this one. */
  subgraph(): Graph {
    return new Graph({ float: this.float, maxFanOut: this.maxFanOut }, this);
  }

  /** A tensor of the graph around this one as one of this graph: bodies of loops see outer names. */
  adopt(outer: Tensor): Tensor {
    return { ...outer, graph: this };
  }

  input(name: string, shape: Shape, type: DataType = this.float): Tensor {
    this.inputs.push({ name, type, dims: shape.map((dim) => (typeof dim === 'number' ? dim : `${dim}`)) });
    return { graph: this, name, shape, type };
  }

  output(name: string, value: Tensor): void {
    const dims = value.shape.map((dim) => (typeof dim === 'number' ? dim : `${dim}`));
    this.nodes.push({
      op: 'Identity',
      name: `output ${name}`,
      inputs: [value.name],
      outputs: [name],
      attributes: {},
      domain: '',
    });
    this.outputs.push({ name, type: value.type, dims });
  }

  /** A named constant that stays visible in the file under its name: a weight. Real numbers only. */
  parameter(name: string, shape: readonly number[], data: Float32Array): Tensor {
    this.initialisers.push({ name, dims: shape, type: this.float, data: this.floatArray(data) });
    return { graph: this, name, shape, type: this.float };
  }

  scalar(value: number): Tensor {
    return this.constant(`scalar ${value}`, [], () => this.floatArray([value]), this.float);
  }

  ints(values: readonly number[]): Tensor {
    return this.constant(
      `ints ${values}`,
      [values.length],
      () => BigInt64Array.from(values, BigInt),
      'int64',
    );
  }

  /** A constant array filled with one value. */
  full(shape: readonly number[], value: number): Tensor {
    const size = shape.reduce((product, dim) => product * dim, 1);
    return this.constant(
      `full ${shape} ${value}`,
      shape,
      () => (this.float === 'float32' ? new Float32Array(size) : new Float64Array(size)).fill(value),
      this.float,
    );
  }

  /** A constant table such as a DFT matrix; `key` names it, so that one copy serves every use. */
  table(key: string, shape: readonly number[], data: () => Float32Array | Float64Array): Tensor {
    return this.constant(`table ${key}`, shape, () => this.floatArray(data()), this.float);
  }

  private constant(key: string, shape: readonly number[], data: () => TensorData, type: DataType): Tensor {
    // Held by the graph around the loop, but at home in the loop: operations go where their operands live.
    if (this.parent !== undefined) return this.adopt(this.parent.constant(key, shape, data, type));
    let tensor = this.constants.get(key);
    if (tensor === undefined) {
      tensor = { graph: this, name: `constant${this.nextId()}`, shape, type };
      this.initialisers.push({ name: tensor.name, dims: shape, type, data: data() });
      this.constants.set(key, tensor);
    }
    return tensor;
  }

  /** Adds a node. `shapes` has one entry per output; `null` leaves that optional output out. */
  emit(
    op: string,
    inputs: readonly (Tensor | null)[],
    shapes: readonly (Shape | null)[],
    attributes: Record<string, OnnxAttribute> = {},
    type: DataType = this.float,
  ): Tensor[] {
    const id = this.nextId();
    const outputs = shapes.map((shape, i) => ({
      graph: this,
      name: shape ? `t${id}_${i}` : '',
      shape: shape ?? [],
      type,
    }));
    this.nodes.push({
      op,
      name: `${op}${id}`,
      inputs: inputs.map((t) => t?.name ?? ''),
      outputs: outputs.map((t) => t.name),
      attributes,
      domain: '',
    });
    return outputs;
  }

  /** Adds a node with one output. */
  emit1(
    op: string,
    inputs: readonly (Tensor | null)[],
    shape: Shape,
    attributes: Record<string, OnnxAttribute> = {},
    type: DataType = this.float,
  ): Tensor {
    return this.emit(op, inputs, [shape], attributes, type)[0];
  }

  /** Remembers how `outputs` depend on `inputs`. Inside a vector-Jacobian product nothing is remembered. */
  record(inputs: readonly (Tensor | null)[], outputs: readonly Tensor[], vjp: Vjp<Tensor>): void {
    if (this.recording) this.tape.record({ inputs, outputs, vjp });
  }

  /** Runs `build` so that what it emits is not remembered for differentiation: state carried out of a training step. */
  withoutRecording<T>(build: () => T): T {
    const before = this.recording;
    this.recording = false;
    try {
      return build();
    } finally {
      this.recording = before;
    }
  }

  /**
   * Reverse-mode differentiation, done while the graph is built: emits the nodes that compute d`loss`/d`w` of the scalar
   * `loss` `[]` for each `w` of `withRespectTo`, and gives back their tensors (`null` where the loss does not depend on it).
   */
  gradients(loss: Tensor, withRespectTo: readonly Tensor[]): (Tensor | null)[] {
    if (loss.shape.length !== 0)
      throw new GraphError('E_SHAPE', `Only a scalar can be differentiated, not ${showShape(loss.shape)}.`);
    return this.pullBack([loss], [this.scalar(1)], withRespectTo);
  }

  /**
   * The vector-Jacobian product of everything recorded: from `cotangents`, the gradients of some loss with respect to
   * `outputs`, to those with respect to each of `withRespectTo` (`null` where no output depends on it).
   */
  pullBack(
    outputs: readonly Tensor[],
    cotangents: readonly Tensor[],
    withRespectTo: readonly Tensor[],
  ): (Tensor | null)[] {
    return this.withoutRecording(() => this.tape.pullBack(this, outputs, cotangents, withRespectTo));
  }

  /** Says how the value of a symbol is found when the graph runs: from the shape of an input, as an int64 `[1]`. */
  bindSymbol(symbol: SymbolicDim, value: () => Tensor): void {
    let tensor: Tensor | undefined;
    this.runtimeSymbols.set(`${symbol}`, () => {
      tensor ??= value();
      return tensor;
    });
  }

  /** A size as an int64 tensor `[1]`, computed when the graph runs if it is symbolic. */
  sizeTensor(dim: Dim): Tensor {
    if (typeof dim === 'number') return this.ints([dim]);
    const key = `size ${dim}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    let sum: Tensor | undefined;
    for (const [monomial, coefficient] of dim.terms) {
      let term = this.ints([coefficient]);
      for (const symbol of monomial.split('*').filter(Boolean)) {
        const value = this.runtimeSymbols.get(symbol);
        if (value === undefined)
          throw new GraphError('E_SHAPE', `The size "${symbol}" is not bound to any input.`);
        term = this.emit1('Mul', [term, value()], [1], {}, 'int64');
      }
      sum = sum === undefined ? term : this.emit1('Add', [sum, term], [1], {}, 'int64');
    }
    this.constants.set(key, sum!);
    return sum!;
  }

  toOnnx(name: string): OnnxGraph {
    return {
      name,
      nodes: this.parent === undefined ? this.nodes : withoutOutputCopies(this.nodes),
      initialisers: this.initialisers,
      inputs: this.inputs,
      outputs: this.outputs,
    };
  }

  private floatArray(values: ArrayLike<number>): Float32Array | Float64Array {
    return this.float === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
  }

  private nextId(): number {
    return this.parent === undefined ? this.counter++ : this.parent.nextId();
  }
}

export { body, float, floats, int, ints, strings } from './attributes.js';
