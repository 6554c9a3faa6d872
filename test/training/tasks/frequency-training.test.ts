import { describe, expect, it } from 'vitest';
import { Trainer } from '../../../src/training/loop/trainer.js';
import { scheduleConfigSchema } from '../../../src/training/schedule/create-schedule.js';
import { frequencyTraining } from '../../../src/training/tasks/frequency-training.js';

const SIGNAL = { frequencies: [20, 50], sampleRate: 1000, seconds: 0.4 };
const SHAPE = { hidden: 8, layers: 1, dropout: 0, memory: 20, signal: SIGNAL };
const SCHEDULE = scheduleConfigSchema.parse({ schedule: 'constant', lr: 0.01 });

describe('frequencyTraining', () => {
  it('takes the rows one after the other, or side by side', () => {
    const one = frequencyTraining({ ...SHAPE, length: 50, batch: 1 });
    const all = frequencyTraining({ ...SHAPE, length: 50, batch: 2 });
    expect([one.stepsPerEpoch, all.stepsPerEpoch]).toEqual([16, 8]);
    const starts = Array.from({ length: 16 }, (_, step) => one.startsSequence?.(step));
    expect(starts.flatMap((start, step) => (start ? [step] : []))).toEqual([0, 8]);
    expect(() => frequencyTraining({ ...SHAPE, length: 50, batch: 3 })).toThrowError(/divide/);
  });

  it('gives in both ways the same samples with the same selector', async () => {
    const one = frequencyTraining({ ...SHAPE, length: 50, batch: 1 });
    const all = frequencyTraining({ ...SHAPE, length: 50, batch: 2 });
    const together = (await all.feeds(3, 0)).x.data;
    const [first, second] = [(await one.feeds(3, 0)).x.data, (await one.feeds(11, 0)).x.data];
    expect(Array.from(together)).toEqual([...first, ...second]);
  });

  it.each([1, 10, 50])(
    'measures the same error however long the chunks of training are (L = %i)',
    async (length) => {
      const measure = async (chunk: number): Promise<number | undefined> => {
        const task = frequencyTraining({ ...SHAPE, length: chunk, batch: 1 });
        const trainer = await Trainer.create(task, { epochs: 1, seed: 3, schedule: SCHEDULE });
        const loss = (await trainer.evaluate(task.validation()))?.loss;
        await trainer.close();
        return loss;
      };
      expect(await measure(length)).toBeCloseTo((await measure(400))!, 5);
    },
  );

  it('learns', async () => {
    const task = frequencyTraining({ ...SHAPE, length: 50, batch: 2 });
    const trainer = await Trainer.create(task, { epochs: 40, seed: 3, schedule: SCHEDULE });
    const losses: number[] = [];
    await trainer.run((event) => event.kind === 'epoch' && losses.push(event.validationLoss!));
    expect(losses[39]).toBeLessThan(0.25 * losses[0]);
    await trainer.close();
  });
});
