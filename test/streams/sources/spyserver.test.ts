import { afterEach, describe, expect, it } from 'vitest';
import type { SourceNotice } from '../../../streams/sources/chunk-source.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import type { NetworkTunerOptions } from '../../../streams/sources/network-tuner.js';
import { SpyServerSource } from '../../../streams/sources/spyserver.js';
import { SETTING, SpyMessageReader } from '../../../streams/sources/spyserver-protocol.js';
import { ManualClock } from '../../support/manual-clock.js';
import {
  message,
  oversized,
  ScriptedSpyServer,
  type ScriptedSpyServerOptions,
} from '../../support/spyserver-server.js';
import { until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

let server: ScriptedSpyServer;
let clock: ManualClock;
let source: SpyServerSource | undefined;
afterEach(async () => {
  source?.destroy();
  source = undefined;
  await server.stop();
});

async function start(script: ScriptedSpyServerOptions): Promise<void> {
  server = await new ScriptedSpyServer(script).listen();
  clock = new ManualClock();
}

async function open(
  options: Partial<NetworkTunerOptions> = {},
  script: ScriptedSpyServerOptions = {},
): Promise<SpyServerSource> {
  await start(script);
  return SpyServerSource.open({
    host: '127.0.0.1',
    port: server.port,
    clock,
    sampleRate: 300_000,
    ...options,
  });
}

async function listening(options: Partial<NetworkTunerOptions> = {}) {
  source = await open(options);
  const chunks: IqChunk[] = [];
  const notices: SourceNotice[] = [];
  source.on('data', (chunk: IqChunk) => chunks.push(chunk));
  source.on('notice', (notice: SourceNotice) => notices.push(notice));
  const received = () => chunks.reduce((sum, { samples }) => sum + samples.length / 2, 0);
  return { source, chunks, notices, received };
}

sourceConformance({
  name: 'SpyServer client',
  wanted: 50_000,
  open: () => open(),
  feed: () => server.sockets.at(-1)?.writableLength === 0 && server.send(2_000),
  cleanUp: () => server.stop(),
});

describe('SpyServer client', () => {
  it('takes the lowest rate that is enough, and asks for 16-bit samples at the frequency', async () => {
    const { source } = await listening({ centreHz: 145.5e6, gain: 12 });
    expect(source.sampleRate).toBe(312_500);
    expect(source.tuner).toBe('SpyServer with Airspy');
    await until(() => server.settings.length >= 7);
    expect(server.hellos).toEqual(['denoise']);
    expect(server.settings).toEqual([
      [SETTING.streamingMode, 1],
      [SETTING.iqFormat, 2],
      [SETTING.iqDecimation, 5],
      [SETTING.iqDigitalGain, 0],
      [SETTING.iqFrequency, 145_500_000],
      [SETTING.streamingEnabled, 1],
      [SETTING.gain, 12],
    ]);
  });

  it('gives the samples as they are, however the bytes are cut', async () => {
    const { chunks, received } = await listening();
    const bytes = message(101, Buffer.from(Int16Array.from([1, -2, 3, -4]).buffer));
    for (const byte of bytes) server.sendRaw(Buffer.from([byte]));
    server.sendRaw(message(100, Buffer.from([9, 8])));
    await until(() => received() === 3);
    expect(chunks.map(({ format, samples }) => [format, ...samples])).toEqual([
      ['cs16', 1, -2, 3, -4],
      ['cu8', 9, 8],
    ]);
  });

  it('stays in the band of whoever holds the radio', async () => {
    source = await open({}, { canControl: false });
    expect(await source.setCentre(97e6)).toBe(97_000_000);
    await expect(source.setCentre(120e6)).rejects.toMatchObject({ code: 'E_FREQUENCY_RANGE' });
  });

  it.each([0, 10, 100])('gives up on a server that greets with %d bytes only', async (greetingBytes) => {
    await start({ greetingBytes });
    const opening = SpyServerSource.open({ host: '127.0.0.1', port: server.port, clock });
    const refused = expect(opening).rejects.toMatchObject({ code: 'E_SPYSERVER_SILENT' });
    await server.clients(1);
    clock.advance(10_000);
    await refused;
  });

  it.each([
    ['a message that is too long', oversized()],
    ['another version', message(101, Buffer.alloc(4), 3 << 24)],
  ])('connects again after %s', async (_what, bytes) => {
    const { source, notices } = await listening();
    server.sendRaw(bytes);
    await until(() => notices.length > 0);
    expect(notices[0]).toMatchObject({ kind: 'retry', error: { code: 'E_SPYSERVER_PROTOCOL' } });
    clock.advance(250);
    await server.clients(2);
    await until(() => source.stats.state === 'running');
  });

  it('gets through silence and a restart, and sends all settings again', async () => {
    const { source, notices, received } = await listening({ centreHz: 145.5e6 });
    clock.advance(3_000);
    await until(() => notices.length > 0);
    expect(notices[0]).toMatchObject({ kind: 'retry', error: { code: 'E_SOURCE_STALLED' } });
    await server.stop();
    clock.advance(250);
    await until(() => source.stats.retries === 2);
    await server.listen();
    server.settings.length = 0;
    clock.advance(500);
    await until(() => source.stats.state === 'running' && server.settings.length >= 6);
    expect(server.settings).toContainEqual([SETTING.iqFrequency, 145_500_000]);
    server.send(100);
    await until(() => received() === 100);
    expect(notices.at(-1)).toMatchObject({ kind: 'resumed' });
  });
});

it('messages are found in any bytes without a throw but the one that is told', () => {
  for (let seed = 0; seed < 200; seed++) {
    const bytes = Buffer.from(Array.from({ length: 200 }, (_, n) => (Math.sin(seed * 997 + n) * 1e4) & 255));
    try {
      new SpyMessageReader().push(bytes);
    } catch (error) {
      expect(error).toMatchObject({ code: 'E_SPYSERVER_PROTOCOL' });
    }
  }
});
