import { describe, expect, it } from 'vitest';
import { modelM, modelN } from '../../scripts/bench/prototype-models.js';
import { count } from '../../src/nn/model-builder.js';
import { describeBuild } from '../../src/nn/streaming-graph.js';
import { flatFromTorch, loadTorchGolden } from '../support/prototype-golden.js';
import { relativeDistance, trainOnOneBatch } from '../support/training-run.js';

describe.each([modelM(), modelN()])('model $name against PyTorch', (model) => {
  const golden = loadTorchGolden(model.name);

  it.skipIf(golden === undefined)(
    `gradient within 1e-4, and the losses of training${golden === undefined ? ' (the goldens are not on this machine: set DENOISE_SHARED)' : ''}`,
    async () => {
      const { tensors, losses, gnorms } = golden!;
      const specs = describeBuild(model.batch, model.buildLoss);
      const find = (prefix: string) => (name: string) => tensors.get(prefix + name)!;
      const flat = (prefix: string, biases: 'sum' | 'first') =>
        flatFromTorch(specs.weights, find(prefix), biases, (name) => /^dec\.\d\.1\./.test(name));
      const run = await trainOnOneBatch(
        model.buildLoss,
        specs,
        { weights: flat('w.', 'sum') },
        {
          x: { data: tensors.get('x')!.data, dims: model.x },
          y: { data: tensors.get('y')!.data, dims: model.y },
        },
        { steps: model.name === 'M' ? 20 : 50, rate: 1e-3 },
        { batch: model.batch },
      );
      expect(relativeDistance(run.outputs.estimate, tensors.get('out')!.data)).toBeLessThan(1e-5);
      const expected = flat('g.', 'first');
      expect(relativeDistance(run.gradient, expected)).toBeLessThan(1e-4);
      let at = 0;
      for (const { name, shape } of specs.weights) {
        const end = at + count(shape);
        expect(
          relativeDistance(run.gradient.subarray(at, end), expected.subarray(at, end)),
          name,
        ).toBeLessThan(1e-4);
        at = end;
      }
      // PyTorch keeps two LSTM biases where this keeps one: it counts that gradient twice, and moves their sum twice as
      // fast, so that the curves part slightly as training goes on.
      const twice = Math.hypot(run.gradientNorms[0], ...tensors.get('g.lstm.bias_hh_l0')!.data);
      expect(Math.abs(twice / gnorms[0] - 1)).toBeLessThan(1e-4);
      run.losses.forEach((loss, step) => {
        expect(Math.abs(loss / losses[step] - 1), `step ${step}`).toBeLessThan(step < 5 ? 1e-3 : 0.03);
      });
    },
    180_000,
  );
});
