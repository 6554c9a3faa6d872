import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { ModelRegistry } from '../../models/registry.js';
import { CombinedTarget } from '../../src/monitor/combined-target.js';
import { ModelsTarget } from '../../src/monitor/models-target.js';
import { TrainingTarget } from '../../src/monitor/training-target.js';
import { TuningTarget } from '../../src/monitor/tuning-target.js';
import { RetuneHistory } from '../../src/online/retune-history.js';
import { MemoryStorage } from '../../src/tuning/storages/memory.js';
import { roughCheckpoint } from '../support/tiny-model.js';
import { judged, smallStudy } from './shown.js';
import { Client, startMonitor, useMonitors } from './support.js';

const TOKEN = 'a secret of many characters';
const RUN = join(import.meta.dirname, '../fixtures/runs/version-0/denoise');
const models = [1, 2].map((seed) => Checkpoint.parse(roughCheckpoint('unet1d-lstm', undefined, seed)));
const [one, two] = models.map(({ info }) => info.hash);

useMonitors();
let data: string;
let registry: ModelRegistry;
let history: RetuneHistory;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'denoise-monitor-'));
  registry = new ModelRegistry(data);
  history = new RetuneHistory(data);
  for (const model of models) registry.add(model, 'a test');
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

async function result(client: Client, id: number, command: object) {
  client.send({ type: 'command', id, command });
  for (;;) {
    const found = client.messages.find((message) => message.type === 'result' && message.id === id);
    if (found !== undefined) return found;
    await new Promise(setImmediate);
  }
}

describe('the models of this machine', () => {
  it('are shown, promoted and rolled back', async () => {
    const monitor = await startMonitor({ target: new ModelsTarget({ registry, history }) });
    const client = await Client.welcomed(monitor);
    client.send({ type: 'subscribe', topics: [{ topic: 'models' }] });
    const { models: view } = await client.message('models');
    expect(view.uses.map(({ use, champion }) => [use, champion])).toEqual([
      ['speech', null],
      ['radio', null],
    ]);
    expect(view.versions.map(({ version }) => version)).toEqual([two, one]);
    expect(await result(client, 1, { name: 'promote', use: 'speech', version: one })).toMatchObject({
      ok: true,
      value: one,
    });
    expect(registry.state().uses.speech.champion).toBe(one);
    expect(await result(client, 2, { name: 'rollback', use: 'speech' })).toMatchObject({
      ok: true,
      value: null,
    });
    expect(await result(client, 3, { name: 'rollback', use: 'speech' })).toMatchObject({
      ok: false,
      error: { code: 'E_NO_ROLLBACK' },
    });
    expect(await result(client, 4, { name: 'promote', use: 'radio', version: 'ffffff' })).toMatchObject({
      ok: false,
      error: { code: 'E_NO_VERSION' },
    });
    const shown = client.messages.filter(({ type }) => type === 'models').length;
    expect(shown).toBeGreaterThanOrEqual(3);
  });

  it('are not changed by who only looks', async () => {
    const monitor = await startMonitor({ target: new ModelsTarget({ registry, history }), readOnly: true });
    const client = await Client.welcomed(monitor);
    expect(await result(client, 1, { name: 'promote', use: 'speech', version: one })).toMatchObject({
      error: { code: 'E_READ_ONLY' },
    });
    expect(registry.state().uses.speech.champion).toBeNull();
  });

  it('come with what the gate said, to be heard by those who know the token', async () => {
    const id = judged(history, data);
    const target = new ModelsTarget({ registry, history });
    const monitor = await startMonitor({ target, history, token: TOKEN });
    const client = new Client(monitor, { authorization: `Bearer ${TOKEN}` });
    await client.message('welcome');
    client.send({ type: 'subscribe', topics: [{ topic: 'models' }, { topic: 'events' }] });
    const [judgement] = (await client.message('models')).models.judgements;
    expect(judgement).toMatchObject({
      id,
      use: 'speech',
      verdict: 'promote',
      sounds: ['noisy', 'champion', 'candidate'],
    });
    expect(await client.message('event')).toMatchObject({ of: 'retuning', event: { kind: 'started' } });
    const get = (path: string, token = TOKEN) =>
      fetch(`${monitor.web.url}/listen/${path}`, { headers: { authorization: `Bearer ${token}` } });
    const sound = await get(`${encodeURIComponent(id)}/candidate.wav`);
    expect([sound.status, sound.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect((await sound.arrayBuffer()).byteLength).toBeGreaterThan(44);
    const statuses = [
      (await get(`${encodeURIComponent(id)}/candidate.wav`, `${TOKEN}!`)).status,
      (await get(`${encodeURIComponent(id)}/other.wav`)).status,
      (await get(`..%2F..%2Fetc/passwd.wav`)).status,
      (await get('%zz/candidate.wav')).status,
    ];
    expect(statuses).toEqual([401, 404, 404, 404]);
  });
});

describe('trainings and studies', () => {
  it('are shown together, each by its topic', async () => {
    const storage = new MemoryStorage();
    await smallStudy(storage);
    const target = new CombinedTarget([
      new TrainingTarget(RUN),
      await TuningTarget.open(storage),
      new ModelsTarget({ registry, history }),
    ]);
    const monitor = await startMonitor({ target });
    const client = await Client.welcomed(monitor);
    expect((await client.message('welcome')).topics).toEqual(['training', 'events', 'tuning', 'models']);
    client.send({
      type: 'subscribe',
      topics: [{ topic: 'training' }, { topic: 'tuning' }, { topic: 'events' }],
    });
    const { training } = await client.message('training');
    expect(training).toMatchObject({ name: 'denoise', status: expect.any(String) });
    expect(training.epochs.length).toBeGreaterThan(0);
    const { tuning } = await client.message('tuning');
    expect(tuning.counts).toEqual({ complete: 11, failed: 1 });
    expect(tuning.trials[0].value).toBe(Math.min(...tuning.trials.flatMap(({ value }) => value ?? [])));
    expect(tuning.importance[0].name).toBe('lr');
    expect(await client.message('event')).toMatchObject({ of: 'training' });
    client.send({ type: 'subscribe', topics: [{ topic: 'audio', place: 'output' }] });
    expect(await client.message('error')).toMatchObject({ error: { code: 'E_TOPIC' } });
  });

  it('need a run, and a study', async () => {
    expect(() => new TrainingTarget(data)).toThrow(expect.objectContaining({ code: 'E_NOT_A_RUN' }));
    await expect(TuningTarget.open(new MemoryStorage())).rejects.toMatchObject({ code: 'E_NO_STUDY' });
  });

  it('tell of a run whose metrics grow', async () => {
    const folder = join(data, 'run');
    const { cpSync, appendFileSync } = await import('node:fs');
    cpSync(RUN, folder, { recursive: true });
    writeFileSync(join(folder, 'metrics.jsonl'), '');
    const monitor = await startMonitor({ target: new TrainingTarget(folder) });
    const client = await Client.welcomed(monitor);
    client.send({ type: 'subscribe', topics: [{ topic: 'training' }] });
    expect((await client.message('training')).training.epochs).toEqual([]);
    appendFileSync(
      join(folder, 'metrics.jsonl'),
      `${JSON.stringify({ kind: 'epoch', step: 5, epoch: 1, trainLoss: 'NaN', validationLoss: 0.5 })}\n`,
    );
    for (;;) {
      const last = client.messages.findLast((message) => message.type === 'training');
      if (last?.training.epochs.length === 1) {
        expect(last.training.epochs[0]).toMatchObject({ epoch: 1, train: null, validation: 0.5 });
        break;
      }
      await new Promise(setImmediate);
    }
  });
});
