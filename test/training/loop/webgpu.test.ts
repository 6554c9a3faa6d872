import { describe, expect, it } from 'vitest';
import { Trainer } from '../../../src/training/loop/trainer.js';
import { scheduleConfigSchema } from '../../../src/training/schedule/create-schedule.js';
import { frequencyTraining } from '../../../src/training/tasks/frequency-training.js';

const STEPS = 6;

async function losses(provider: 'cpu' | 'webgpu'): Promise<number[]> {
  const task = frequencyTraining({
    ...{ hidden: 8, layers: 2, dropout: 0, length: 10, batch: 0, memory: 20 },
    signal: { frequencies: [20, 50], seconds: 0.2 },
  });
  const trainer = await Trainer.create(task, {
    epochs: 1,
    seed: 3,
    providers: [provider],
    lstmLayout: provider === 'webgpu' ? 'unroll' : 'scan',
    schedule: scheduleConfigSchema.parse({ schedule: 'constant', lr: 0.01 }),
  });
  const found: number[] = [];
  await trainer.run(
    (event) => event.kind === 'step' && found.push(event.trainLoss),
    () => trainer.step === STEPS,
  );
  found.push((await trainer.evaluate(task.validation(), trainer.variables()))!.loss);
  await trainer.close();
  return found;
}

describe('training on WebGPU', () => {
  it('follows training on the CPU step by step', async (context) => {
    const cpu = await losses('cpu');
    let webgpu: number[];
    try {
      webgpu = await losses('webgpu');
    } catch (error) {
      // On Linux WebGPU needs a Vulkan driver that Dawn accepts, be it one in software (Mesa's lavapipe).
      if (!/WebGPU adapter/.test(String((error as Error).message))) throw error;
      return context.skip('there is no WebGPU adapter on this machine');
    }
    expect(webgpu).toHaveLength(STEPS + 1);
    for (const [i, loss] of cpu.entries()) expect(webgpu[i]).toBeCloseTo(loss, 4);
  });
});
