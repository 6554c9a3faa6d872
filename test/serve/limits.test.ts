import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testSignal } from '../support/tiny-model.js';
import { until } from '../support/until.js';
import { connectClient, frameOf, RawClient, startServe } from './support.js';

const TOKEN = 'a secret of many characters';

describe('the server of streams', () => {
  it('lets nobody in without the token, nor pages of other origins', async () => {
    const serve = await startServe({ token: TOKEN });
    const wrong = new RawClient(serve);
    await wrong.message('hello');
    wrong.send({ type: 'start', sampleRate: 16_000, channels: 1, codec: 's16', token: `${TOKEN}!` });
    expect(await wrong.closeCode()).toBe(4003);
    const none = new RawClient(serve);
    await none.message('hello');
    none.send({ type: 'start', sampleRate: 16_000, channels: 1, codec: 's16' });
    expect(await none.closeCode()).toBe(4003);
    await new RawClient(serve, { authorization: `Bearer ${TOKEN}` }).start();
    await connectClient(serve, { sampleRate: 16_000, token: TOKEN });
    const foreign = new RawClient(serve, { origin: 'https://evil.example' });
    await until(() => foreign.failed !== undefined);
    expect(foreign.failed!.message).toContain('403');
    expect((await fetch(`${serve.url}/metrics`)).status).toBe(401);
  });

  it.each([
    ['a format that there is not', { codec: 'mp3' }],
    ['a rate out of range', { sampleRate: 7000 }],
    ['Opus at a rate that it does not have', { codec: 'opus', sampleRate: 44_100 }],
    ['a field that there is not', { volume: 11 }],
  ])('refuses %s with a reason', async (_what, odd) => {
    const serve = await startServe();
    const client = new RawClient(serve);
    await client.message('hello');
    client.send({ type: 'start', sampleRate: 16_000, channels: 1, codec: 's16', ...odd });
    expect((await client.message('error')).error.code).toMatch(/^E_(MESSAGE|CODEC)$/);
    expect(await client.closeCode()).toBe(4002);
  });

  it('refuses audio before the start, in another format, out of order, and a second start', async () => {
    const serve = await startServe();
    const early = new RawClient(serve);
    await early.message('hello');
    early.socket.send(frameOf(testSignal(100), 0));
    expect((await early.message('error')).error.code).toBe('E_NOT_STARTED');
    const changed = new RawClient(serve);
    await changed.start();
    changed.socket.send(frameOf(testSignal(100), 0, { sampleRate: 48_000 }));
    expect((await changed.message('error')).error.code).toBe('E_FORMAT_CHANGED');
    const back = new RawClient(serve);
    await back.start();
    back.socket.send(frameOf(testSignal(100), 50));
    back.socket.send(frameOf(testSignal(100), 0));
    expect((await back.message('error')).error.code).toBe('E_FRAME_ORDER');
    const twice = new RawClient(serve);
    await twice.start();
    twice.send({ type: 'start', sampleRate: 16_000, channels: 1, codec: 's16' });
    expect((await twice.message('error')).error.code).toBe('E_STARTED');
    const codes = await Promise.all([early, changed, back, twice].map((one) => one.closeCode()));
    expect(codes).toEqual([4002, 4002, 4002, 4002]);
  });

  it('survives any bytes, and the stream beside them is what it is without', async () => {
    const serve = await startServe();
    const noisy = testSignal(8000);
    const alone = await connectClient(serve, { sampleRate: 16_000, codec: 'f32' });
    await alone.client.send([noisy]);
    await alone.client.end();
    const beside = await connectClient(serve, { sampleRate: 16_000, codec: 'f32' });
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json(), fc.string()), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.boolean(),
        async (messages, isStarted) => {
          const client = new RawClient(serve);
          if (isStarted) await client.start();
          else await client.message('hello');
          for (const message of messages) client.socket.send(message);
          await beside.client.send([noisy.subarray(sent, sent + 400)]);
          sent += 400;
          await client.closeCode();
        },
      ),
      { numRuns: 10 },
    );
    await beside.client.send([noisy.subarray(sent)]);
    await beside.client.end();
    expect([...beside.channel(0)]).toEqual([...alone.channel(0)]);
  });

  it('reads no faster than it denoises, and gives everything back', async () => {
    const serve = await startServe();
    const { client, channel } = await connectClient(serve, { sampleRate: 16_000 });
    for (let n = 0; n < 10; n++) await client.send([testSignal(8000)]);
    await client.end();
    expect(channel(0).length).toBe(80_000);
    const text = await serve.metrics.text();
    expect(Number(/^denoise_serve_pauses_total (\d+)/m.exec(text)![1])).toBeGreaterThan(0);
  });

  it('lets a client go that reads too slowly, and goes on for the others', async () => {
    const serve = await startServe({ mostBuffered: 10_000, slowMs: 100 });
    const slow = new RawClient(serve);
    await slow.start({ strength: 0 });
    slow.socket.pause();
    const second = testSignal(16_000);
    for (let n = 0; n < 400; n++) slow.socket.send(frameOf(second, 16_000 * n));
    const { client, channel } = await connectClient(serve, { sampleRate: 16_000 });
    await client.send([testSignal(4000)]);
    await until(async () => /ended_total\{reason="slow"\} 1/.test(await serve.metrics.text()));
    await client.end();
    expect(channel(0).length).toBe(4000);
  });

  it('lets a client go that sends no audio, with all its samples', async () => {
    const serve = await startServe({ silentMs: 200 });
    const client = new RawClient(serve);
    await client.start();
    client.socket.send(frameOf(testSignal(1000), 0));
    expect(await client.closeCode()).toBe(4000);
    expect(await client.message('ended')).toEqual({ type: 'ended', samples: 1000 });
  });

  it('takes as many streams as it may', async () => {
    const serve = await startServe({ maxClients: 2 });
    const clients = [new RawClient(serve), new RawClient(serve)];
    await Promise.all(clients.map((one) => one.start()));
    expect((await fetch(`${serve.url}/readyz`)).status).toBe(503);
    const extra = new RawClient(serve);
    await until(() => extra.failed !== undefined);
    expect(extra.failed!.message).toContain('503');
  });
});
