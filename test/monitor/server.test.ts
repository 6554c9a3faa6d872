import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpectrumDecoder } from '../../src/monitor/protocol/spectrum-codec.js';
import { decodeAudioFrame, unpackSamples } from '../../src/web/audio-frame.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { TRANSMISSION } from '../support/iq-fixture.js';
import { until } from '../support/until.js';
import { Client, monitored, useMonitors } from './support.js';

const TOKEN = 'a secret of many characters';
useMonitors();

describe('the monitor of a live session', () => {
  it('gives audio, spectra, levels and the status to who subscribes', async () => {
    const { monitor } = await monitored();
    const client = await Client.welcomed(monitor);
    client.send({
      type: 'subscribe',
      topics: [
        { topic: 'audio', place: 'received', codec: 'f32' },
        { topic: 'spectrum', of: 'iq', size: 256 },
        { topic: 'levels' },
        { topic: 'status' },
      ],
    });
    await until(
      () =>
        client.frames.filter(([kind]) => kind === 1).length > 3 && client.frames.some(([kind]) => kind === 2),
    );
    const audio = client.frames.filter(([kind]) => kind === 1).map(decodeAudioFrame);
    for (let n = 1; n < audio.length; n++) {
      expect(audio[n].sequence).toBe(n);
      expect(audio[n].firstSample).toBe(audio[n - 1].firstSample + audio[n - 1].payload.length / 4);
    }
    expect(unpackSamples(audio[1])[0].length).toBeGreaterThan(0);
    const line = new SpectrumDecoder().decode(client.frames.find(([kind]) => kind === 2)!)!;
    expect([line.place, line.values.length]).toEqual(['iq', 256]);
    expect(line.firstHz).toBe(TRANSMISSION.centreHz - TRANSMISSION.rate / 2);
    expect((await client.message('status')).status).toMatchObject({ radio: { mode: 'nbfm' } });
    await client.message('levels');
  });

  it('carries commands out and says what cannot be', async () => {
    const { monitor, session } = await monitored();
    const client = await Client.welcomed(monitor);
    await until(() => session.radio!.status !== undefined);
    client.send({ type: 'command', id: 1, command: { name: 'strength', value: 0.25 } });
    client.send({ type: 'command', id: 2, command: { name: 'tune', hz: 1e9 } });
    client.send({ type: 'command', id: 3, command: { name: 'rollback', use: 'radio' } });
    client.send({ type: 'command', id: 4, command: { name: 'squelch', thresholdDb: -30 } });
    client.send({ type: 'command', id: 5, command: { name: 'gain', db: 20 } });
    await until(() => client.messages.filter(({ type }) => type === 'result').length === 5);
    expect(session.denoise!.strength).toBe(0.25);
    await until(() => session.status.radio!.squelchDb === -30);
    const results = client.messages.filter(({ type }) => type === 'result');
    expect(results).toContainEqual({ type: 'result', id: 1, ok: true, value: 0.25 });
    expect(results).toContainEqual(
      expect.objectContaining({ id: 2, ok: false, error: expect.objectContaining({ code: 'E_TUNE_RANGE' }) }),
    );
    expect(results).toContainEqual(
      expect.objectContaining({ id: 3, ok: false, error: expect.objectContaining({ code: 'E_COMMAND' }) }),
    );
    expect(results).toContainEqual({ type: 'result', id: 4, ok: true, value: -30 });
    // A recording has no tuner.
    expect(results).toContainEqual(
      expect.objectContaining({ id: 5, ok: false, error: expect.objectContaining({ code: 'E_COMMAND' }) }),
    );
  });

  it('takes no commands where it only shows', async () => {
    const { monitor, session } = await monitored({ readOnly: true });
    const client = await Client.welcomed(monitor);
    expect((await client.message('welcome')).mayCommand).toBe(false);
    client.send({ type: 'command', id: 1, command: { name: 'bypass', on: true } });
    expect(await client.message('result')).toMatchObject({ ok: false, error: { code: 'E_READ_ONLY' } });
    expect(session.denoise!.bypass).toBe(false);
  });

  it('lets nobody in without the token', async () => {
    const { monitor } = await monitored({ token: TOKEN });
    const wrong = new Client(monitor);
    expect((await wrong.message('hello')).needsToken).toBe(true);
    wrong.send({ type: 'subscribe', topics: [{ topic: 'levels' }] });
    expect(await wrong.message('error')).toMatchObject({ error: { code: 'E_HELLO' } });
    wrong.send({ type: 'hello', token: `${TOKEN}!` });
    await until(() => wrong.closed !== undefined);
    expect(wrong.closed!.code).toBe(4003);
    const right = new Client(monitor);
    await right.message('hello');
    right.send({ type: 'hello', token: TOKEN });
    await right.message('welcome');
    await new Client(monitor, { authorization: `Bearer ${TOKEN}` }).message('welcome');
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${monitor.web.url}/metrics`, { headers })).status;
    expect([await status({}), await status({ authorization: `Bearer ${TOKEN}` })]).toEqual([401, 200]);
  });

  it('turns pages of other origins, foreign names, other protocols and one too many away', async () => {
    const { monitor } = await monitored({ maxClients: 1 });
    const refused = [
      new Client(monitor, { origin: 'https://evil.example' }),
      new Client(monitor, { host: 'evil.example' }),
      new Client(monitor, {}, 'denoise.monitor.v999'),
    ];
    await until(() => refused.every(({ failed }) => failed !== undefined));
    expect(refused.map(({ failed }) => /\d{3}/.exec(failed!.message)?.[0])).toEqual(['403', '421', '400']);
    await Client.welcomed(monitor);
    const extra = new Client(monitor);
    await until(() => extra.failed !== undefined);
    expect(extra.failed!.message).toContain('503');
  });

  it('survives anything that a client sends', async () => {
    const { monitor } = await monitored();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.json(),
            fc.string(),
            fc.constantFrom('{"type":"subscribe","topics":[]}', 'null', '[]', '{"type":"ping"}'),
          ),
          {
            minLength: 1,
            maxLength: 15,
          },
        ),
        async (texts) => {
          const client = await Client.welcomed(monitor);
          for (const text of texts) client.send(text);
          client.send({ type: 'ping', time: 5 });
          expect(await client.message('pong')).toEqual({ type: 'pong', time: 5 });
          client.socket.terminate();
        },
      ),
      { numRuns: 10 },
    );
  });

  it('ends a flood, and a message that is too large', async () => {
    const { monitor } = await monitored();
    const flood = await Client.welcomed(monitor);
    for (let n = 0; n < 500; n++) flood.send({ type: 'ping', time: n });
    await until(() => flood.closed !== undefined);
    expect(flood.closed!.code).toBe(4008);
    const huge = await Client.welcomed(monitor);
    huge.send('x'.repeat(100_000));
    await until(() => huge.closed !== undefined);
    expect(huge.closed!.code).toBe(1009);
  });

  it('ends subscriptions with their client', async () => {
    const { monitor, session } = await monitored();
    const client = await Client.welcomed(monitor);
    client.send({ type: 'subscribe', topics: [{ topic: 'audio', place: 'output' }] });
    await until(() => client.frames.length > 0);
    client.send({ type: 'unsubscribe', keys: ['audio:output'] });
    client.send({ type: 'ping', time: 1 });
    await client.message('pong');
    client.socket.close();
    await until(() => monitor.clientCount === 0);
    expect((session as LiveSession).status.seconds).toBeGreaterThan(0);
  });
});
