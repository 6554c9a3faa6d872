import type { OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/model.js';

/**
 * The nodes with `x·slope + relu(x)·(1 − slope)`, four of them, as `max(x, x·slope)`, which is the same where no slope is above
 * 1. The operator PRelu takes four times as long as all four: it branches on every sign.
 */
export function withShortPrelu({ nodes, initialisers }: OnnxGraph): OnnxNode[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const constants = new Map(initialisers.map((tensor) => [tensor.name, tensor]));
  const made = (name: string, op: string): OnnxNode | undefined => {
    const node = makers.get(name);
    return node?.op === op ? node : undefined;
  };
  const isOne = (tensor: OnnxTensor | undefined): boolean =>
    tensor?.data.length === 1 && tensor.data[0] === 1;
  const allUpToOne = (tensor: OnnxTensor | undefined): boolean =>
    tensor?.type === 'float32' && (tensor.data as Float32Array).every((value) => value <= 1);
  return nodes.map((node) => {
    if (node.op !== 'Add') return node;
    const [all, positive] = node.inputs.map((name) => made(name, 'Mul'));
    if (all === undefined || positive === undefined) return node;
    const [x, slope] = all.inputs;
    const relu = made(positive.inputs[0], 'Relu');
    const rest = made(positive.inputs[1], 'Sub');
    const isPrelu =
      relu?.inputs[0] === x && rest?.inputs[1] === slope && isOne(constants.get(rest.inputs[0]));
    return isPrelu && allUpToOne(constants.get(slope))
      ? { ...node, op: 'Max', inputs: [x, all.outputs[0]] }
      : node;
  });
}
