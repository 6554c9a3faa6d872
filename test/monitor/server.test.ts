import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LiveTarget } from '../../src/monitor/live-target.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { MONITOR_PROTOCOL, type ServerMessage } from '../../src/monitor/protocol/messages.js';
import { SpectrumDecoder } from '../../src/monitor/protocol/spectrum-codec.js';
import { decodeAudioFrame, unpackSamples } from '../../src/web/audio-frame.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { IqFileSource } from '../../streams/sources/iq-file.js';
import { TRANSMISSION, transmission } from '../support/iq-fixture.js';
import { halving, startLive } from '../support/live-session.js';
import { SocketClient } from '../support/socket-client.js';
import { until } from '../support/until.js';

const TOKEN = 'a secret of many characters';
let folder: string;
let recording: string;
const open: { close(): unknown }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitor-'));
  recording = join(folder, 'band.cu8');
  const tone = Float32Array.from(
    { length: 24_000 },
    (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / 16_000),
  );
  writeFileSync(recording, transmission(tone));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A paced session that goes on until it is stopped, with a monitor on it. */
async function monitored(options: { token?: string; readOnly?: boolean; maxClients?: number } = {}) {
  const { rate: sampleRate, centreHz } = TRANSMISSION;
  const source = await IqFileSource.open(recording, { sampleRate, centreHz, pace: 'realtime', loop: true });
  const { session } = await startLive(recording, { source, realtime: true, denoiser: halving });
  const target = new LiveTarget(session);
  const monitor = await Monitor.start({
    listen: { host: '127.0.0.1', port: 0 },
    target,
    program: 'denoise test',
    metrics: async () => 'up 1\n',
    ...options,
  });
  open.push(
    { close: () => session.done.catch(() => {}) },
    { close: () => session.stop() },
    { close: () => monitor.close(200) },
  );
  return { session, monitor };
}

class Client extends SocketClient<ServerMessage> {
  constructor({ web }: Monitor, headers?: Record<string, string>, protocol = MONITOR_PROTOCOL) {
    super(`${web.url}/ws`, protocol, headers);
    open.push(this);
  }

  static async welcomed(monitor: Monitor): Promise<Client> {
    const client = new Client(monitor);
    await client.message('hello');
    client.send({ type: 'hello' });
    await client.message('welcome');
    return client;
  }
}

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
    await until(() => client.messages.filter(({ type }) => type === 'result').length === 3);
    expect(session.denoise!.strength).toBe(0.25);
    const results = client.messages.filter(({ type }) => type === 'result');
    expect(results).toContainEqual({ type: 'result', id: 1, ok: true, value: 0.25 });
    expect(results).toContainEqual(
      expect.objectContaining({ id: 2, ok: false, error: expect.objectContaining({ code: 'E_TUNE_RANGE' }) }),
    );
    expect(results).toContainEqual(
      expect.objectContaining({ id: 3, ok: false, error: expect.objectContaining({ code: 'E_COMMAND' }) }),
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
