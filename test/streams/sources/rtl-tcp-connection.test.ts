import { describe, expect, it } from 'vitest';
import { RtlTcpCommand } from '../../../streams/sources/rtl-tcp-protocol.js';
import { RATE, RtlTcpBench } from '../../support/rtl-tcp-bench.js';
import { R820T_GREETING } from '../../support/rtl-tcp-server.js';
import { turns, until } from '../../support/until.js';

const bench = new RtlTcpBench();

describe('connection to rtl_tcp', () => {
  it('gets through a reset: retries with back-off, sends all settings again, counts the gap by the clock', async () => {
    await bench.listen();
    const { source, chunks, notices, received } = await bench.listening({ centreHz: 144.8e6 });
    bench.server.send(1000);
    await until(() => received() === 1000);
    bench.server.reset();
    await until(() => source.stats.state === 'retrying');
    await bench.server.stop();
    bench.clock.advance(250);
    await until(() => source.stats.retries === 2);
    bench.clock.advance(500);
    await until(() => source.stats.retries === 3);
    await bench.server.restart();
    bench.server.commands.length = 0;
    bench.clock.advance(1000);
    await bench.server.clients(2);
    await until(() => source.stats.state === 'running');
    bench.clock.advance(250);
    bench.server.send(500);
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
    expect(bench.server.commands).toContainEqual([RtlTcpCommand.centreFrequency, 144_800_000]);
    expect(bench.server.commands).toContainEqual([RtlTcpCommand.sampleRate, RATE]);
  });

  it('notices a server that greets and then says nothing', async () => {
    await bench.listen();
    const { source, notices } = await bench.listening();
    bench.clock.advance(3000);
    await until(() => notices.length > 0);
    expect(notices[0]).toMatchObject({ kind: 'retry', error: { code: 'E_SOURCE_STALLED' } });
    bench.clock.advance(250);
    await bench.server.clients(2);
    await until(() => source.stats.state === 'running');
    bench.clock.advance(3000);
    await until(() => notices.length > 1);
    expect(notices[1]).toMatchObject({ kind: 'retry', delayMs: 500 });
  });

  it('waits ever longer for a server that sends a block and drops, and begins anew after one that held', async () => {
    await bench.listen();
    const { source, notices, received } = await bench.listening();
    const delays = () => notices.flatMap((notice) => (notice.kind === 'retry' ? [notice.delayMs] : []));
    let sent = 0;
    const block = async () => {
      bench.server.send(100);
      sent += 100;
      await until(() => received() === sent);
    };
    const drop = async (clients: number) => {
      bench.server.reset();
      await until(() => source.stats.state === 'retrying');
      bench.clock.advance(delays().at(-1)!);
      await bench.server.clients(clients);
      await until(() => source.stats.state === 'running');
      await block();
    };
    await block();
    for (const clients of [2, 3, 4]) await drop(clients);
    expect(delays()).toEqual([250, 500, 1000]);
    for (let second = 0; second < 6; second++) {
      bench.clock.advance(1000);
      bench.server.send(100_000);
      sent += 100_000;
      await until(() => received() === sent);
    }
    await drop(5);
    expect(delays().at(-1)).toBe(250);
  });

  it('notices a server that sends a byte a second', async () => {
    await bench.listen();
    const { notices, received } = await bench.listening();
    for (let second = 1; second <= 3; second++) {
      bench.server.client.write(Buffer.from([128, 128]));
      await until(() => received() === second);
      bench.clock.advance(1000);
    }
    await until(() => notices.length > 0);
    expect(notices[0]).toMatchObject({ kind: 'retry', error: { code: 'E_SOURCE_STALLED' } });
    expect((notices[0] as { error: Error }).error.message).toContain('only 1 samples a second');
  });

  it('survives a restart that half-greets, then babbles, then works', async () => {
    await bench.listen();
    const { source, chunks, notices, received } = await bench.listening();
    bench.server.send(100);
    await until(() => received() === 100);
    bench.server.greeting = R820T_GREETING.subarray(0, 6);
    bench.server.reset();
    await until(() => source.stats.retries === 1);
    bench.clock.advance(250);
    await bench.server.clients(2);
    await turns();
    bench.clock.advance(5000);
    await until(() => source.stats.retries === 2);
    bench.server.greeting = Buffer.from('SSH-2.0-OpenSSH_9.2 these are random bytes');
    bench.clock.advance(500);
    await until(() => source.stats.retries === 3);
    bench.server.greeting = R820T_GREETING;
    bench.clock.advance(1000);
    await bench.server.clients(4);
    await until(() => source.stats.state === 'running');
    bench.server.send(100);
    await until(() => received() === 200);
    const codes = notices.flatMap((notice) => (notice.kind === 'retry' ? [notice.error.code] : []));
    expect(codes).toEqual(['E_RTL_TCP_CONNECTION', 'E_RTL_TCP_SILENT', 'E_NOT_RTL_TCP']);
    expect(chunks.at(-1)!.samples.length).toBe(200);
  });

  it.each([
    ['half a greeting', R820T_GREETING.subarray(0, 7), 'E_RTL_TCP_SILENT'],
    ['no greeting', Buffer.alloc(0), 'E_RTL_TCP_SILENT'],
    ['random bytes', Buffer.from([7, 255, 0, 12, 99, 3, 2, 1, 0, 5, 6, 7, 8]), 'E_NOT_RTL_TCP'],
  ])('refuses at once a server that starts with %s', async (_, greeting, code) => {
    await bench.listen(greeting);
    const opening = bench.open().catch((error: unknown) => error);
    await bench.server.clients(1);
    await turns();
    bench.clock.advance(5000);
    expect(await opening).toMatchObject({ name: 'DeviceError', code });
  });

  it('does not wait longer for a greeting that comes a byte a second', async () => {
    await bench.listen(Buffer.alloc(0));
    const opening = bench.open().catch((error: unknown) => error);
    await bench.server.clients(1);
    for (const byte of R820T_GREETING.subarray(0, 5)) {
      bench.server.client.write(Buffer.from([byte]));
      await turns();
      bench.clock.advance(1000);
    }
    expect(await opening).toMatchObject({ code: 'E_RTL_TCP_SILENT' });
  });

  it('says that nothing listens at a wrong port', async () => {
    await bench.listen();
    await bench.server.stop();
    await expect(bench.open()).rejects.toMatchObject({
      code: 'E_RTL_TCP_CONNECTION',
      message: /nothing listens/,
    });
  });

  it('gives up after the attempts it was told', async () => {
    await bench.listen();
    const { source } = await bench.listening({ backOff: { attempts: 1 } });
    let failure: unknown;
    source.on('error', (error) => {
      failure = error;
    });
    await bench.server.stop();
    await until(() => source.stats.retries === 1);
    bench.clock.advance(250);
    await until(() => failure !== undefined);
    expect(failure).toMatchObject({ code: 'E_RTL_TCP_CONNECTION' });
    expect(source.stats.state).toBe('failed');
  });
});
