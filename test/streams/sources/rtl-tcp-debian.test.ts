import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceError } from '../../../src/errors.js';
import { chunkLength, type IqSource, type SourceNotice } from '../../../streams/sources/chunk-source.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { type RtlTcpOptions, RtlTcpSource } from '../../../streams/sources/rtl-tcp.js';
import { buildFakeRtlSdr, noRtlTcp } from '../../support/fake-rtlsdr.js';
import { freePort } from '../../support/free-port.js';
import { sourceConformance } from './conformance.js';

const SAMPLES = 500_000;
const ramp = Uint8Array.from({ length: 2 * SAMPLES }, (_, i) => (i * 2654435761) >>> 24);
let folder: string;
let library: string;
let port = 0;
let server: ChildProcess | undefined;

/** Starts Debian's rtl_tcp on the stand-in dongle. */
function rtlTcp(port: number): void {
  server = spawn('rtl_tcp', ['-a', '127.0.0.1', '-p', String(port), '-s', '1024000', '-f', '100000000'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      LD_LIBRARY_PATH: library,
      FAKE_RTLSDR_FILE: join(folder, 'ramp.cu8'),
      FAKE_RTLSDR_GONE: join(folder, 'gone'),
    },
  });
}

/** Starts rtl_tcp and connects as soon as it listens; it says so too early, and through a buffer. */
async function open(options: Partial<RtlTcpOptions> = {}): Promise<RtlTcpSource> {
  port = await freePort();
  rtlTcp(port);
  for (;;) {
    try {
      return await RtlTcpSource.open({ host: '127.0.0.1', port, centreHz: 100e6, ...options });
    } catch (error) {
      if (server?.exitCode !== null || (error as DeviceError).code !== 'E_RTL_TCP_CONNECTION') throw error;
      await setTimeout(10);
    }
  }
}

async function kill(): Promise<void> {
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}

async function collect(source: IqSource, samples: number): Promise<IqChunk[]> {
  const chunks: IqChunk[] = [];
  let received = 0;
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as IqChunk);
    received += chunkLength(chunk as IqChunk);
    if (received >= samples) break;
  }
  return chunks;
}

sourceConformance({
  name: "Debian's rtl_tcp",
  wanted: 300_000,
  skip: noRtlTcp,
  open,
  cleanUp: kill,
});

beforeAll(() => {
  if (noRtlTcp !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'rtl-tcp-'));
  writeFileSync(join(folder, 'ramp.cu8'), ramp);
  library = buildFakeRtlSdr();
});
// Also after a test that failed: no rtl_tcp may stay behind.
afterEach(kill);
afterAll(() => {
  if (noRtlTcp !== undefined) return;
  rmSync(folder, { recursive: true });
  rmSync(library, { recursive: true });
});

describe.skipIf(noRtlTcp !== undefined)(`Debian's rtl_tcp ${noRtlTcp ?? ''}`, () => {
  it('gives the dongle`s own bytes', async () => {
    const source = await open();
    expect(source.tuner).toBe('R820T');
    expect(source.gains).toHaveLength(29);
    const bytes = Buffer.concat((await collect(source, 200_000)).map((chunk) => chunk.samples as Uint8Array));
    const twice = Buffer.concat([ramp, ramp]);
    expect(twice.includes(bytes.subarray(0, 300_000))).toBe(true);
    source.destroy();
    await kill();
  });

  it('comes back after rtl_tcp was killed and started again', async () => {
    const source = await open({ backOff: { firstMs: 20, maxMs: 100 } });
    await collect(source, 100_000);
    await kill();
    rtlTcp(port);
    const chunks: IqChunk[] = [];
    while (!chunks.some((chunk) => chunk.discontinuity?.reason.startsWith('the source was gone')))
      chunks.push(...(await collect(source, 10_000)));
    expect(source.stats.retries).toBeGreaterThan(0);
    expect(source.stats.lostSamples).toBeGreaterThan(0n);
    expect(source.stats.estimatedSamples).toBe(source.stats.lostSamples);
    source.destroy();
    await kill();
  });

  it('notices that the dongle behind it was unplugged, and comes back with a new rtl_tcp', async () => {
    const source = await open({ backOff: { firstMs: 20, maxMs: 100 }, stallTimeoutMs: 600 });
    const notices: SourceNotice[] = [];
    source.on('notice', (notice: SourceNotice) => notices.push(notice));
    await collect(source, 100_000);
    writeFileSync(join(folder, 'gone'), '');
    // It resets its client, and may greet new ones without ever sending a sample.
    while (source.stats.retries === 0) await setTimeout(10);
    await kill();
    rmSync(join(folder, 'gone'));
    rtlTcp(port);
    source.resume();
    while (!notices.some(({ kind }) => kind === 'resumed')) await setTimeout(10);
    expect(source.stats.lostSamples).toBeGreaterThan(0n);
    source.destroy();
    await kill();
  });
});
