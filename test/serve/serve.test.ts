import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoise } from '../../src/engine/denoise.js';
import { Model } from '../../src/engine/model.js';
import { decodeAudioFrame } from '../../src/web/audio-frame.js';
import { OpusPacketDecoder, OpusPacketEncoder } from '../../src/web/opus-packets.js';
import { roughCheckpoint, testSignal } from '../support/tiny-model.js';
import { until } from '../support/until.js';
import { connectClient, frameOf, RawClient, startServe } from './support.js';

let model: Model;
beforeAll(async () => {
  model = await Model.fromBytes(roughCheckpoint(), { workers: 0 });
});
afterAll(() => model.close());

/** What the model makes of a whole recording. */
const offline = (samples: readonly Float32Array[], sampleRate: number, strength = 1) =>
  denoise(samples, { sampleRate, model, strength });

describe('a served stream', () => {
  it.each([
    [16_000, 1, 1],
    [44_100, 2, 0.6],
    [8_000, 1, 1],
  ])(
    'gives back what the model makes of the whole: %i Hz, %i channels, strength %f',
    async (sampleRate, channels, strength) => {
      const serve = await startServe();
      const noisy = Array.from({ length: channels }, (_, c) => testSignal(20_011, c + 1));
      const { client, channel } = await connectClient(serve, {
        sampleRate,
        channels,
        strength,
        codec: 'f32',
      });
      for (let at = 0, step = 1; at < noisy[0].length; at += step, step = (step * 7) % 1999)
        await client.send(noisy.map((one) => one.subarray(at, at + step)));
      await client.end();
      const clean = await offline(noisy, sampleRate, strength);
      clean.forEach((expected, c) => {
        const got = channel(c);
        expect(got.length).toBe(expected.length);
        expect(Math.max(...got.map((x, n) => Math.abs(x - expected[n])))).toBeLessThan(1e-5);
      });
    },
  );

  it('hears nothing of the others, however they are cut', async () => {
    const serve = await startServe();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 6 }), {
          minLength: 2,
          maxLength: 6,
        }),
        async (cuts) => {
          const results = await Promise.all(
            cuts.map(async (lengths, n) => {
              const noisy = testSignal(
                lengths.reduce((a, b) => a + b, 0),
                n + 1,
              );
              const { client, channel } = await connectClient(serve, { sampleRate: 16_000, codec: 'f32' });
              let at = 0;
              for (const length of lengths) {
                await client.send([noisy.subarray(at, at + length)]);
                at += length;
              }
              await client.end();
              return { noisy, clean: channel(0) };
            }),
          );
          for (const { noisy, clean } of results) {
            const [alone] = await offline([noisy], 16_000);
            expect(clean.length).toBe(noisy.length);
            expect(clean.every((x, n) => Math.abs(x - alone[n]) < 1e-5)).toBe(true);
          }
        },
      ),
      { numRuns: 4 },
    );
  });

  it('keeps the index of every sample: behind a gap it begins anew', async () => {
    const serve = await startServe();
    const noisy = testSignal(6000);
    const { client, parts } = await connectClient(serve, { sampleRate: 16_000, codec: 'f32' });
    await client.send([noisy.subarray(0, 2500)]);
    await client.send([noisy.subarray(4000)], 1500);
    await client.end();
    const got = new Float32Array(6000).fill(Number.NaN);
    for (const { firstSample, samples } of parts) got.set(samples[0], firstSample);
    const [first] = await offline([noisy.subarray(0, 2500)], 16_000);
    const [second] = await offline([noisy.subarray(4000)], 16_000);
    expect(got.subarray(0, 2500).every((x, n) => Math.abs(x - first[n]) < 1e-5)).toBe(true);
    expect(got.subarray(2500, 4000).every(Number.isNaN)).toBe(true);
    expect(got.subarray(4000).every((x, n) => Math.abs(x - second[n]) < 1e-5)).toBe(true);
    expect(parts.filter(({ discontinuity }) => discontinuity).map(({ firstSample }) => firstSample)).toEqual([
      4000,
    ]);
  });

  it('goes through Opus and back in time with its numbers', async () => {
    const serve = await startServe();
    const client = new RawClient(serve);
    await client.start({ codec: 'opus', strength: 0 });
    const { codecDelaySamples } = await client.message('started');
    const format = { sampleRate: 16_000, channels: 1 };
    const noisy = Float32Array.from({ length: 16_000 }, (_, n) => 0.3 * Math.sin(n * (0.05 + n / 160_000)));
    new OpusPacketEncoder(format).encode([noisy]).forEach((payload, n) => {
      client.socket.send(frameOf(noisy, 320 * n, { codec: 'opus', payload }));
    });
    client.send({ type: 'end' });
    await client.message('ended');
    const decoder = new OpusPacketDecoder(format);
    const frames = client.frames.map(decodeAudioFrame);
    expect(frames.map(({ firstSample }) => firstSample)).toEqual(frames.map((_, n) => 320 * n));
    const back = Float32Array.from(frames.flatMap(({ payload }) => [...decoder.decode(payload)[0]]));
    // Our own encoder trails as much as that of the server.
    const shift = 2 * codecDelaySamples;
    const alike = noisy.reduce((sum, x, n) => sum + x * (back[n + shift] ?? 0), 0);
    expect(alike / noisy.reduce((sum, x) => sum + x * x, 0)).toBeGreaterThan(0.9);
  });

  it('has the name that the client gave it, for balancers, and the delay of the model', async () => {
    const serve = await startServe();
    const { client } = await connectClient(serve, { sampleRate: 16_000, id: 'call-17' });
    expect([client.id, client.latencySamples]).toEqual(['call-17', 32]);
    const other = await connectClient(serve, { sampleRate: 16_000 });
    expect(other.client.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('ends with all its samples when the server shuts down', async () => {
    const serve = await startServe();
    const noisy = testSignal(5000);
    let announced: number | undefined;
    const { client, channel } = await connectClient(serve, {
      sampleRate: 16_000,
      codec: 'f32',
      onDraining: (seconds) => {
        announced = seconds;
      },
    });
    await client.send([noisy]);
    await until(() => channel(0).length > 0);
    await serve.close(50);
    await client.closed;
    expect(announced).toBe(0.05);
    expect(channel(0).length).toBe(5000);
  });

  it('lets streams go on that are there when it shuts down, and takes no more', async () => {
    const serve = await startServe();
    const { client, channel } = await connectClient(serve, { sampleRate: 16_000 });
    const closed = serve.close(60_000);
    const ready = await fetch(`${serve.url}/readyz`);
    expect(ready.status).toBe(503);
    const late = new RawClient(serve);
    await until(() => late.failed !== undefined);
    expect(late.failed!.message).toContain('503');
    await client.send([testSignal(3000)]);
    await client.end();
    expect(channel(0).length).toBe(3000);
    await closed;
  });

  it('is counted', async () => {
    const serve = await startServe();
    const { client } = await connectClient(serve, { sampleRate: 16_000 });
    await client.send([testSignal(16_000)]);
    await client.end();
    const text = await (await fetch(`${serve.url}/metrics`)).text();
    expect(text).toMatch(/^denoise_serve_streams_total 1$/m);
    expect(text).toMatch(/^denoise_serve_audio_seconds_total 1$/m);
    expect(text).toMatch(/^denoise_serve_delay_seconds_count [1-9]/m);
  });
});
