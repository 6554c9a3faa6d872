import { afterEach, describe, expect, it } from 'vitest';
import type { IqChunk } from '../../../streams/iq-chunk.js';
import type { SourceNotice } from '../../../streams/sources/chunk-source.js';
import { type RtlTcpOptions, RtlTcpSource } from '../../../streams/sources/rtl-tcp.js';
import { RtlTcpCommand } from '../../../streams/sources/rtl-tcp-protocol.js';
import { ManualClock } from '../../support/manual-clock.js';
import { R820T_GREETING, ScriptedRtlTcp } from '../../support/rtl-tcp-server.js';
import { turns, until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

const RATE = 250_000;
let server: ScriptedRtlTcp;
let source: RtlTcpSource | undefined;
let clock: ManualClock;

async function listen(greeting?: Buffer): Promise<void> {
  server = await ScriptedRtlTcp.listen(greeting);
  clock = new ManualClock();
}

function open(options: Partial<RtlTcpOptions> = {}): Promise<RtlTcpSource> {
  return RtlTcpSource.open({ host: '127.0.0.1', port: server.port, sampleRate: RATE, clock, ...options });
}

/** Opens the source and collects what it says. */
async function listening(options: Partial<RtlTcpOptions> = {}) {
  source = await open(options);
  const chunks: IqChunk[] = [];
  const notices: SourceNotice[] = [];
  source.on('data', (chunk: IqChunk) => chunks.push(chunk));
  source.on('notice', (notice: SourceNotice) => notices.push(notice));
  const received = () => chunks.reduce((sum, chunk) => sum + chunk.samples.length / 2, 0);
  return { source, chunks, notices, received };
}

afterEach(async () => {
  source?.destroy();
  source = undefined;
  await server?.stop();
});

sourceConformance({
  name: 'rtl_tcp client',
  wanted: 50_000,
  open: async () => {
    await listen();
    return open();
  },
  feed: () => server.sockets.length > 0 && server.client.writableLength === 0 && server.send(2000),
  cleanUp: () => server.stop(),
});

describe('rtl_tcp client', () => {
  it('tunes: every command of the protocol, with the values the hardware takes', async () => {
    await listen();
    const { source } = await listening({ centreHz: 144.8e6, ppm: 12, gain: 20 });
    expect(source.tuner).toBe('R820T');
    expect(source.gains).toHaveLength(29);
    expect(await source.setGain(30)).toBe(29.7);
    expect(await source.setGain('auto')).toBe('auto');
    expect(await source.setAgc(true)).toBe(true);
    expect(await source.setBiasTee(true)).toBe(true);
    expect(await source.setDirectSampling('q')).toBe('q');
    expect(await source.setCentre(7.1e6 + 0.4)).toBe(7_100_000);
    expect(await source.setPpm(-3)).toBe(-3);
    expect(await source.setSampleRate(1_024_000)).toBe(1_024_000);
    await until(() => server.commands.length >= 14);
    expect(server.commands).toEqual([
      [RtlTcpCommand.sampleRate, RATE],
      [RtlTcpCommand.frequencyCorrection, 12],
      [RtlTcpCommand.centreFrequency, 144_800_000],
      [RtlTcpCommand.gainMode, 1],
      [RtlTcpCommand.gainByIndex, 11],
      [RtlTcpCommand.gainMode, 1],
      [RtlTcpCommand.gainByIndex, 16],
      [RtlTcpCommand.gainMode, 0],
      [RtlTcpCommand.agcMode, 1],
      [RtlTcpCommand.biasTee, 1],
      [RtlTcpCommand.directSampling, 2],
      [RtlTcpCommand.centreFrequency, 7_100_000],
      [RtlTcpCommand.frequencyCorrection, 0xfffffffd],
      [RtlTcpCommand.sampleRate, 1_024_000],
    ]);
  });

  it('reports the rate the chip really runs at', async () => {
    await listen();
    const { source } = await listening();
    expect(await source.setSampleRate(1_024_000.6)).toBe(1_024_001);
    expect(source.sampleRate).toBe(1_024_001);
  });

  it.each([
    ['E_FREQUENCY_RANGE', { centreHz: 7.1e6 }],
    ['E_FREQUENCY_RANGE', { centreHz: 3e9 }],
    ['E_FREQUENCY_RANGE', { centreHz: Number.NaN }],
    ['E_SAMPLE_RATE', { sampleRate: 500_000 }],
    ['E_SAMPLE_RATE', { sampleRate: Number.NaN }],
    ['E_UNSUPPORTED', { offsetTuning: true }],
  ])('refuses with %s what the radio cannot do: %o', async (code, options) => {
    await listen();
    await expect(open(options)).rejects.toMatchObject({ name: 'DeviceError', code });
  });

  it('gives the bytes untouched however they are cut', async () => {
    await listen();
    const { chunks, received } = await listening();
    for (const bytes of [[1], [2, 3], [4, 5, 6], [7, 8]]) {
      server.client.write(Buffer.from(bytes));
      await turns();
    }
    await until(() => received() === 4);
    expect(chunks.flatMap((chunk) => [...chunk.samples])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('gets through a reset: retries with back-off, sends all settings again, counts the gap by the clock', async () => {
    await listen();
    const { source, chunks, notices, received } = await listening({ centreHz: 144.8e6 });
    server.send(1000);
    await until(() => received() === 1000);
    server.reset();
    await until(() => source.stats.state === 'retrying');
    await server.stop();
    clock.advance(250);
    await until(() => source.stats.retries === 2);
    clock.advance(500);
    await until(() => source.stats.retries === 3);
    await server.restart();
    server.commands.length = 0;
    clock.advance(1000);
    await server.clients(2);
    await until(() => source.stats.state === 'running');
    clock.advance(250);
    server.send(500);
    await until(() => received() === 1500);
    expect(notices.filter(({ kind }) => kind === 'retry')).toMatchObject(
      [250, 500, 1000].map((delayMs, i) => ({ attempt: i + 1, delayMs })),
    );
    // Two seconds at 250 kHz, less the 500 samples that came.
    const gap = chunks.find((chunk) => chunk.discontinuity)!;
    expect(gap.discontinuity).toEqual({ lostSamples: 499_500n, reason: 'the source was gone for 2.0 s' });
    expect(gap.firstSample).toBe(500_500n);
    expect(source.stats).toMatchObject({ lostSamples: 499_500n, estimatedSamples: 499_500n, retries: 3 });
    expect(notices.at(-1)).toEqual({ kind: 'resumed', silentMs: 2000 });
    expect(server.commands).toContainEqual([RtlTcpCommand.centreFrequency, 144_800_000]);
    expect(server.commands).toContainEqual([RtlTcpCommand.sampleRate, RATE]);
  });

  it('notices a server that greets and then says nothing', async () => {
    await listen();
    const { source, notices } = await listening();
    clock.advance(3000);
    await until(() => notices.length > 0);
    expect(notices[0]).toMatchObject({ kind: 'retry', error: { code: 'E_SOURCE_STALLED' } });
    clock.advance(250);
    await server.clients(2);
    await until(() => source.stats.state === 'running');
    clock.advance(3000);
    await until(() => notices.length > 1);
    expect(notices[1]).toMatchObject({ kind: 'retry', delayMs: 500 });
  });

  it('notices a server that sends a byte a second', async () => {
    await listen();
    const { notices, received } = await listening();
    for (let second = 1; second <= 3; second++) {
      server.client.write(Buffer.from([128, 128]));
      await until(() => received() === second);
      clock.advance(1000);
    }
    await until(() => notices.length > 0);
    expect(notices[0]).toMatchObject({ kind: 'retry', error: { code: 'E_SOURCE_STALLED' } });
    expect((notices[0] as { error: Error }).error.message).toContain('only 1 samples a second');
  });

  it('survives a restart that half-greets, then babbles, then works', async () => {
    await listen();
    const { source, chunks, notices, received } = await listening();
    server.send(100);
    await until(() => received() === 100);
    server.greeting = R820T_GREETING.subarray(0, 6);
    server.reset();
    await until(() => source.stats.retries === 1);
    clock.advance(250);
    await server.clients(2);
    await turns();
    clock.advance(5000);
    await until(() => source.stats.retries === 2);
    server.greeting = Buffer.from('SSH-2.0-OpenSSH_9.2 these are random bytes');
    clock.advance(500);
    await until(() => source.stats.retries === 3);
    server.greeting = R820T_GREETING;
    clock.advance(1000);
    await server.clients(4);
    await until(() => source.stats.state === 'running');
    server.send(100);
    await until(() => received() === 200);
    const codes = notices.flatMap((notice) => (notice.kind === 'retry' ? [notice.error.code] : []));
    expect(codes).toEqual(['E_RTL_TCP_CONNECTION', 'E_RTL_TCP_SILENT', 'E_NOT_RTL_TCP']);
    expect(chunks.at(-1)!.samples.length).toBe(200);
  });

  it('counts what the server dropped by the clock', async () => {
    await listen();
    const { source, chunks, received } = await listening();
    // 100 ms blocks for 5 s; then half a second is missing, and the stream goes on at its rate.
    for (let block = 0; block < 130; block++) {
      clock.advance(block === 50 ? 600 : 100);
      server.send(25_000);
      await until(() => received() === (block + 1) * 25_000);
    }
    expect(Number(source.stats.lostSamples)).toBeGreaterThan(0.9 * 125_000);
    expect(Number(source.stats.lostSamples)).toBeLessThan(1.1 * 125_000);
    expect(chunks.filter((chunk) => chunk.discontinuity)).toHaveLength(1);
  });

  it('does not take a late block for a lost one', async () => {
    await listen();
    const { source, received } = await listening();
    for (let block = 0; block < 130; block++) {
      clock.advance(block === 50 ? 800 : block > 50 && block <= 57 ? 0 : 100);
      server.send(25_000);
      await until(() => received() === (block + 1) * 25_000);
    }
    expect(source.stats.lostSamples).toBe(0n);
  });

  it('drops the oldest, and says so, when nobody reads for long', async () => {
    await listen();
    source = await open({ maxQueueSeconds: 0.5 });
    for (let block = 0; block < 30; block++) {
      server.send(25_000);
      await until(() => server.client.writableLength === 0);
      await turns(50);
    }
    await until(
      () =>
        source!.stats.samples + BigInt(source!.stats.queuedSamples) + source!.stats.lostSamples === 750_000n,
    );
    let next = 0n;
    let lost = 0n;
    source.on('data', (chunk: IqChunk) => {
      lost += chunk.discontinuity?.lostSamples ?? 0n;
      expect(chunk.firstSample).toBe(next + (chunk.discontinuity?.lostSamples ?? 0n));
      next = chunk.firstSample + BigInt(chunk.samples.length / 2);
    });
    await until(() => next === 750_000n);
    expect(lost).toBe(source.stats.lostSamples);
    expect(lost).toBeGreaterThan(0n);
  });

  it.each([
    ['half a greeting', R820T_GREETING.subarray(0, 7), 'E_RTL_TCP_SILENT'],
    ['no greeting', Buffer.alloc(0), 'E_RTL_TCP_SILENT'],
    ['random bytes', Buffer.from([7, 255, 0, 12, 99, 3, 2, 1, 0, 5, 6, 7, 8]), 'E_NOT_RTL_TCP'],
  ])('refuses at once a server that starts with %s', async (_, greeting, code) => {
    await listen(greeting);
    const opening = open().catch((error: unknown) => error);
    await server.clients(1);
    await turns();
    clock.advance(5000);
    expect(await opening).toMatchObject({ name: 'DeviceError', code });
  });

  it('does not wait longer for a greeting that comes a byte a second', async () => {
    await listen(Buffer.alloc(0));
    const opening = open().catch((error: unknown) => error);
    await server.clients(1);
    for (const byte of R820T_GREETING.subarray(0, 5)) {
      server.client.write(Buffer.from([byte]));
      await turns();
      clock.advance(1000);
    }
    expect(await opening).toMatchObject({ code: 'E_RTL_TCP_SILENT' });
  });

  it('says that nothing listens at a wrong port', async () => {
    await listen();
    await server.stop();
    await expect(open()).rejects.toMatchObject({ code: 'E_RTL_TCP_CONNECTION', message: /nothing listens/ });
  });

  it('gives up after the attempts it was told', async () => {
    await listen();
    const { source } = await listening({ backOff: { attempts: 1 } });
    let failure: unknown;
    source.on('error', (error) => {
      failure = error;
    });
    await server.stop();
    await until(() => source.stats.retries === 1);
    clock.advance(250);
    await until(() => failure !== undefined);
    expect(failure).toMatchObject({ code: 'E_RTL_TCP_CONNECTION' });
    expect(source.stats.state).toBe('failed');
  });
});
