/** A session that was recorded by scripts/record-monitor-session.ts: what this version says of it, later ones must, too. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { clientMessageSchema, type ServerMessage } from '../../src/monitor/protocol/messages.js';
import { SpectrumDecoder } from '../../src/monitor/protocol/spectrum-codec.js';
import { AUDIO_KIND, decodeAudioFrame, unpackSamples } from '../../src/web/audio-frame.js';
import { OpusPacketDecoder } from '../../src/web/opus-packets.js';
import { SocketClient } from '../support/socket-client.js';
import { until } from '../support/until.js';

interface Line {
  from: 'client' | 'server';
  text?: string;
  base64?: string;
}

const lines = readFileSync(join(import.meta.dirname, '../fixtures/monitor/session.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);
const frames = lines.flatMap(({ base64 }) => (base64 === undefined ? [] : [Buffer.from(base64, 'base64')]));
const texts = (from: Line['from']) =>
  lines.flatMap((line) => (line.from === from && line.text !== undefined ? [line.text] : []));
const messages = texts('server').map((text) => JSON.parse(text) as ServerMessage);

describe('a recorded session', () => {
  it('has messages of a client that are still taken', () => {
    const said = texts('client');
    expect(said.length).toBeGreaterThan(3);
    for (const text of said) expect(clientMessageSchema.safeParse(JSON.parse(text)).success).toBe(true);
  });

  it('has answers in their order', () => {
    expect(messages.slice(0, 2).map(({ type }) => type)).toEqual(['hello', 'welcome']);
    expect(messages).toContainEqual({ type: 'result', id: 1, ok: true, value: 0.5 });
    // What is recorded is a file of sound: there is no radio to tune.
    expect(messages).toContainEqual(
      expect.objectContaining({
        type: 'result',
        id: 2,
        ok: false,
        error: expect.objectContaining({ code: 'E_COMMAND' }),
      }),
    );
    expect(messages).toContainEqual({ type: 'pong', time: 1234.5 });
    for (const type of ['status', 'levels', 'models'])
      expect(messages.map((one) => one.type)).toContain(type);
  });

  it('has audio without a gap, as PCM and as Opus, and lines of spectra', () => {
    const audio = frames.filter(([kind]) => kind === AUDIO_KIND).map(decodeAudioFrame);
    const pcm = audio.filter(({ codec }) => codec === 's16');
    const opus = audio.filter(({ codec }) => codec === 'opus');
    expect(Math.min(pcm.length, opus.length)).toBeGreaterThan(2);
    pcm.slice(1).forEach(({ firstSample }, n) => {
      expect(firstSample).toBe(pcm[n].firstSample + unpackSamples(pcm[n])[0].length);
    });
    const [{ sampleRate, channels }] = opus;
    const decoder = new OpusPacketDecoder({ sampleRate, channels });
    for (const { payload } of opus) expect(decoder.decode(payload)[0].length).toBe(0.02 * sampleRate);
    const spectra = frames.filter(([kind]) => kind !== AUDIO_KIND);
    expect(spectra.length).toBeGreaterThan(2);
    const decode = new SpectrumDecoder();
    const decoded = spectra.map((bytes) => decode.decode(bytes)!);
    expect(decoded.map(({ sequence }) => sequence)).toEqual(decoded.map((_, n) => n));
    for (const { values, place } of decoded) expect([place, values.length]).toEqual(['denoised', 129]);
  });

  it('replays: a client that asks as that one did is answered as that one was', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await until(() => http.listening);
    const server = new WebSocketServer({ server: http });
    server.on('connection', (socket) => {
      const rest = [...lines];
      const play = () => {
        for (let line = rest[0]; line?.from === 'server'; line = rest[0]) {
          socket.send(line.text ?? Buffer.from(line.base64!, 'base64'));
          rest.shift();
        }
      };
      socket.on('message', (data) => {
        expect(String(data)).toBe(rest.shift()?.text);
        play();
      });
      play();
    });
    const { port } = http.address() as AddressInfo;
    const client = new SocketClient<ServerMessage>(`http://127.0.0.1:${port}`, 'denoise.monitor.v1');
    await client.message('hello');
    for (const text of texts('client')) client.send(text);
    await until(() => client.frames.length === frames.length && client.messages.length === messages.length);
    expect(client.messages).toEqual(messages);
    client.close();
    server.close();
    await new Promise((resolve) => http.close(resolve));
  });
});
