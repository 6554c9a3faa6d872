import { describe, expect, it } from 'vitest';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { RtlTcpCommand } from '../../../streams/sources/rtl-tcp-protocol.js';
import { RATE, RtlTcpBench } from '../../support/rtl-tcp-bench.js';
import { turns, until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

const bench = new RtlTcpBench();

sourceConformance({
  name: 'rtl_tcp client',
  wanted: 50_000,
  open: async () => {
    await bench.listen();
    return bench.open();
  },
  feed: () =>
    bench.server.sockets.length > 0 && bench.server.client.writableLength === 0 && bench.server.send(2000),
  cleanUp: () => bench.server.stop(),
});

describe('rtl_tcp client', () => {
  it('tunes: every command of the protocol, with the values the hardware takes', async () => {
    await bench.listen();
    const { source } = await bench.listening({ centreHz: 144.8e6, ppm: 12, gain: 20 });
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
    await until(() => bench.server.commands.length >= 19);
    expect(bench.server.commands).toEqual([
      // What another client may have left behind.
      [RtlTcpCommand.frequencyCorrection, 0],
      [RtlTcpCommand.directSampling, 0],
      [RtlTcpCommand.offsetTuning, 0],
      [RtlTcpCommand.agcMode, 0],
      [RtlTcpCommand.biasTee, 0],
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
    await bench.listen();
    const { source } = await bench.listening();
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
    await bench.listen();
    await expect(bench.open(options)).rejects.toMatchObject({ name: 'DeviceError', code });
  });

  it('gives the bytes untouched however they are cut', async () => {
    await bench.listen();
    const { chunks, received } = await bench.listening();
    for (const bytes of [[1], [2, 3], [4, 5, 6], [7, 8]]) {
      bench.server.client.write(Buffer.from(bytes));
      await turns();
    }
    await until(() => received() === 4);
    expect(chunks.flatMap((chunk) => [...chunk.samples])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('counts what the server dropped by the clock', async () => {
    await bench.listen();
    const { source, chunks, received } = await bench.listening();
    // 100 ms blocks for 5 s; then half a second is missing, and the stream goes on at its rate.
    for (let block = 0; block < 130; block++) {
      bench.clock.advance(block === 50 ? 600 : 100);
      bench.server.send(25_000);
      await until(() => received() === (block + 1) * 25_000);
    }
    expect(Number(source.stats.lostSamples)).toBeGreaterThan(0.9 * 125_000);
    expect(Number(source.stats.lostSamples)).toBeLessThan(1.1 * 125_000);
    expect(chunks.filter((chunk) => chunk.discontinuity)).toHaveLength(1);
  });

  it('does not take a late block for a lost one', async () => {
    await bench.listen();
    const { source, received } = await bench.listening();
    for (let block = 0; block < 130; block++) {
      bench.clock.advance(block === 50 ? 800 : block > 50 && block <= 57 ? 0 : 100);
      bench.server.send(25_000);
      await until(() => received() === (block + 1) * 25_000);
    }
    expect(source.stats.lostSamples).toBe(0n);
  });

  it('drops the oldest, and says so, when nobody reads for long', async () => {
    await bench.listen();
    const source = await bench.open({ maxQueueSeconds: 0.5 });
    bench.source = source;
    for (let block = 0; block < 30; block++) {
      bench.server.send(25_000);
      await until(() => bench.server.client.writableLength === 0);
      await turns(50);
    }
    await until(
      () => source.stats.samples + BigInt(source.stats.queuedSamples) + source.stats.lostSamples === 750_000n,
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
});
