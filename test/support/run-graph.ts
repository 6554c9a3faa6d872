import { createSession, Tensor } from '../../src/engine/runtime.js';
import type { Graph, Tensor as Handle } from '../../src/graph/graph.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import type { NdArray } from './nd-array.js';

/** A graph in onnxruntime, ready to be run any number of times on plain arrays. */
export interface RunningGraph {
  run(feeds: Readonly<Record<string, NdArray>>): Promise<Record<string, NdArray>>;
  close(): Promise<void>;
}

export async function startGraph(graph: Graph): Promise<RunningGraph> {
  const session = await createSession(writeOnnx(toModel(graph)));
  const single = graph.float === 'float32';
  return {
    async run(feeds) {
      const inputs: Record<string, Tensor> = {};
      for (const [name, { dims, data }] of Object.entries(feeds))
        inputs[name] = single
          ? new Tensor('float32', Float32Array.from(data), dims)
          : new Tensor('float64', data, dims);
      const outputs: Record<string, NdArray> = {};
      for (const [name, { dims, data }] of Object.entries(await session.run(inputs)))
        outputs[name] = { dims, data: Float64Array.from(data as Float32Array | Float64Array) };
      return outputs;
    },
    close: () => session.release(),
  };
}

/** Builds a graph over inputs of the given arrays' shapes, runs it once and gives back its outputs in order. */
export async function evaluate(
  graph: Graph,
  inputs: readonly NdArray[],
  build: (...inputs: Handle[]) => readonly Handle[],
): Promise<NdArray[]> {
  const handles = inputs.map(({ dims }, i) => graph.input(`x${i}`, dims));
  const outputs = build(...handles);
  outputs.forEach((output, i) => {
    graph.output(`y${i}`, output);
  });
  const running = await startGraph(graph);
  const results = await running.run(Object.fromEntries(inputs.map((input, i) => [`x${i}`, input])));
  await running.close();
  return outputs.map((_, i) => results[`y${i}`]);
}
