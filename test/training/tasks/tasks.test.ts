import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Random } from '../../../src/random.js';
import { type JobRequest, parseOverrides, resolveJob } from '../../../src/training/run/resolve-job.js';
import { parseJob, TASK_NAMES, taskByName } from '../../../src/training/tasks/tasks.js';
import { draw } from '../../../src/tuning/distribution.js';
import { spaceFromSchema } from '../../../src/tuning/searches/from-schema.js';
import { runSpace } from '../../../src/tuning/space.js';

const FOLDERS = { clean: '/speech', noise: '/noise' };

const job = (request: Partial<JobRequest> = {}, family = 'unet1d-lstm') =>
  resolveJob({ task: 'denoise', ...FOLDERS, ...request }, family);

describe('a training job', () => {
  it.each(TASK_NAMES)('of the task %s is a value: through JSON it stays what it is', (task) => {
    const made = job({ task }, task === 'noise-model' ? 'seqvae' : 'unet1d-lstm');
    expect(made).toMatchObject({ version: 1, task, settings: { seed: 1 } });
    expect(parseJob(JSON.parse(JSON.stringify(made)), 'here')).toEqual(made);
  });

  it('puts every setting where it belongs, and takes prefixes', () => {
    const made = job({ set: { lr: 0.01, hidden: 7, snrDb: [0, 5], 'remix.babble': 0.5, 'model.blocks': 3 } });
    expect(made).toMatchObject({
      settings: { lr: 0.01 },
      modelSettings: { hidden: 7, blocks: 3 },
      remix: { snrDb: [0, 5], babble: 0.5 },
    });
  });

  it('is refused with everything that is wrong when it is read', () => {
    const good = JSON.parse(JSON.stringify(job())) as Record<string, object>;
    const wrong: [unknown, RegExp][] = [
      [null, /no task/],
      [{ ...good, task: 'sing' }, /sing/],
      [{ ...good, version: 2 }, /version/],
      [{ ...good, settings: { ...good.settings, lr: -1, batch: 0 } }, /settings\.lr: .*settings\.batch: /],
      [{ ...good, family: 'lstn' }, /lstn/],
      [{ ...good, modelSettings: { hidden: 'many' } }, /hidden/],
      [{ ...good, remix: { snrDb: [5, 0] } }, /snrDb/],
    ];
    for (const [value, sentence] of wrong) {
      const read = () => parseJob(value, 'runs/x/config.json');
      expect(read).toThrow(expect.objectContaining({ name: 'InputError', code: 'E_RUN_CONFIG' }));
      expect(read).toThrow(sentence);
      expect(read).toThrow(/runs\/x\/config\.json/);
    }
  });

  it('needs recordings where its task does', async () => {
    expect(await taskByName('denoise').recordings(job())).toMatchObject({
      speech: { folder: '/speech', sampleRate: 16_000 },
      noise: { folder: '/noise' },
    });
    const noisy = job({ noise: undefined, noisy: '/noisy' });
    expect(await taskByName('denoise').recordings(noisy)).toMatchObject({ pairs: { noisy: '/noisy' } });
    for (const request of [{ clean: undefined }, { noise: undefined }, { noisy: '/noisy' }])
      await expect(taskByName('denoise').recordings(job(request))).rejects.toMatchObject({
        code: 'E_NO_DATA',
      });
    const model = job({ task: 'noise-model', noise: undefined }, 'seqvae');
    await expect(taskByName('noise-model').recordings(model)).rejects.toMatchObject({ code: 'E_NO_DATA' });
    expect(await taskByName('frequency').recordings(job({ task: 'frequency' }))).toEqual({});
  });

  it('takes --set words as JSON where they are JSON', () => {
    expect(parseOverrides(['lr=1e-3', 'loss=mse', 'channels=[1,2]', 'a=b=c'])).toEqual({
      lr: 1e-3,
      loss: 'mse',
      channels: [1, 2],
      a: 'b=c',
    });
  });
});

describe('the settings of a task', () => {
  it.each(TASK_NAMES)('%s: say what is worth searching, and take whatever a search draws from it', (task) => {
    const { settingsSchema } = taskByName(task);
    const space = spaceFromSchema(settingsSchema);
    const random = new Random(5);
    for (let i = 0; i < 20; i++) {
      const { params } = runSpace(space, (_, distribution) => draw(distribution, random));
      expect(Object.keys(params)).toContain('lr');
      expect(settingsSchema.parse(params)).toMatchObject(params);
    }
  });

  it('of denoising search the rate from 5e-5 to 5e-3, batches of 8 to 32 and the optimiser', () => {
    const { properties } = z.toJSONSchema(taskByName('denoise').settingsSchema, { io: 'input' });
    const ranges = Object.entries(properties ?? {}).flatMap(([name, property]) =>
      typeof property === 'object' && property.search !== undefined ? [[name, property.search]] : [],
    );
    expect(Object.fromEntries(ranges)).toEqual({
      lr: { kind: 'float', low: 5e-5, high: 5e-3, log: true },
      batch: { kind: 'categorical', choices: [8, 16, 32], ordered: true },
      optimizer: { kind: 'categorical', choices: ['adam', 'adamw'] },
      weightDecay: { kind: 'float', low: 1e-4, high: 0.1, log: true },
    });
  });
});
