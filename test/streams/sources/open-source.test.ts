import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { DenoiseError, UsageError } from '../../../src/errors.js';
import { chunkLength, type IqSource } from '../../../streams/sources/chunk-source.js';
import { openSource, parseSourceSpec } from '../../../streams/sources/open-source.js';
import { isTuner } from '../../../streams/sources/tuner.js';
import { wavBytes } from '../../cli/support/wav-bytes.js';
import { chunk, fmt, wav } from '../../support/riff.js';
import { ScriptedRtlTcp } from '../../support/rtl-tcp-server.js';
import { until } from '../../support/until.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-source-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('source specs', () => {
  it.each([
    ['mic', { kind: 'mic' }],
    ['mic:hw:1,0', { kind: 'mic', device: 'hw:1,0' }],
    ['rtlsdr', { kind: 'rtlsdr' }],
    ['rtlsdr:00000042', { kind: 'rtlsdr', serial: '00000042' }],
    ['rtl_tcp://pi.local:7373', { kind: 'rtl_tcp', host: 'pi.local', port: 7373 }],
    ['rtl_tcp://10.0.0.7', { kind: 'rtl_tcp', host: '10.0.0.7', port: 1234 }],
    ['rtl_tcp://[::1]:1234', { kind: 'rtl_tcp', host: '::1', port: 1234 }],
    ['iq:some dir/a.wav', { kind: 'iq', path: 'some dir/a.wav' }],
    ['a_1M_250k.cu8', { kind: 'iq', path: 'a_1M_250k.cu8' }],
    ['talk.wav', { kind: 'file', path: 'talk.wav' }],
    ['mic.wav', { kind: 'file', path: 'mic.wav' }],
    ['-', { kind: 'stdin' }],
    ['wss://host/audio', { kind: 'ws', url: 'wss://host/audio' }],
  ])('%s', (text, spec) => {
    expect(parseSourceSpec(text)).toEqual(spec);
  });

  it.each([
    'SDRSharp_20170101_120000Z_145500000Hz_IQ.wav',
    'recordings/HDSDR_20170101_120000Z_145500kHz_RF.wav',
    'SDRuno_20200907_184033Z_7100kHz.wav',
    'baseband_145500000Hz_12-00-00_01-01-2017.wav',
    'gqrx_20170101_120000_145500000_1800000_fc.raw',
    '20191125T201640Z_10000000_station_iq.wav',
  ])('takes %s for radio samples without being told', (path) => {
    expect(parseSourceSpec(path)).toEqual({ kind: 'iq', path });
  });

  it.each([
    'SDRSharp_20170101_120000Z_145500000Hz_AF.wav',
    'HDSDR_20170101_120000Z_145500kHz_AF.wav',
    'gqrx_20170101_120000_145500000.wav',
    'audio_145500000Hz_12-00-00_01-01-2017.wav',
  ])('takes %s for sound', (path) => {
    expect(parseSourceSpec(path)).toEqual({ kind: 'file', path });
  });

  it.each([
    '',
    'iq:',
    'rtlsdr:',
    'mic:',
    'rtl_tcp://',
    'rtl_tcp:host',
    'rtl_tcp://h:99999',
    'ftp://x/y',
    'ws://',
  ])('"%s" is refused with the list of sources', (text) => {
    expect(() => parseSourceSpec(text)).toThrow(
      expect.objectContaining({ code: 'E_SOURCE', hint: expect.stringContaining('rtlsdr') }),
    );
  });

  it('any text is a source or a usage error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseSourceSpec(text).kind).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

describe('opening a source', () => {
  it('opens files by what they are', async () => {
    const iq = join(folder, 'x_100M_250k.cu8');
    writeFileSync(iq, Buffer.alloc(1000, 127));
    const radio = (await openSource(`iq:${iq}`)) as IqSource;
    expect([radio.kind, radio.sampleRate, isTuner(radio)]).toEqual(['iq', 250_000, false]);
    radio.destroy();
    const talk = join(folder, 'talk.wav');
    writeFileSync(talk, wav(fmt(1, 1, 16_000, 16), chunk('data', Buffer.alloc(640))));
    const audio = await openSource(talk);
    expect([audio.kind, audio.sampleRate]).toEqual(['audio', 16_000]);
    audio.destroy();
  });

  it.each([
    ['iq:x_100M_250k.cu8', { sampleRate: 2.4e6 }, 'sampleRate'],
    ['mic', { pace: 'fast' }, 'pace'],
    ['talk.wav', { gain: 20 }, 'gain'],
    ['rtl_tcp://localhost:1', { loop: true }, 'loop'],
    ['ws://localhost:1', { raw: { sampleFormat: 's16', sampleRate: 8000, channels: 1 } }, 'raw'],
  ] as const)('refuses for %s what cannot matter there: %j', async (spec, options, name) => {
    await expect(openSource(spec, options)).rejects.toMatchObject({
      code: 'E_SOURCE_OPTION',
      message: expect.stringContaining(name),
    });
  });

  it('opens a radio tuned', async () => {
    const server = await ScriptedRtlTcp.listen();
    const source = (await openSource(`rtl_tcp://127.0.0.1:${server.port}`, {
      centreHz: 145.5e6,
    })) as IqSource;
    expect(isTuner(source) && source.centreHz).toBe(145_500_000);
    source.destroy();
    await server.stop();
  });
});

describe.skipIf(process.platform === 'win32')('a named pipe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'named-pipe-'));
  const pipe = join(folder, 'pipe.wav');
  execFileSync('mkfifo', [pipe]);
  const bytes = wavBytes([new Float32Array(16_000).fill(0.25)]);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read to its end, whenever its writer comes', async () => {
    const opening = openSource(pipe, { pace: 'fast' });
    setTimeout(() => void writeFile(pipe, bytes), 50);
    let samples = 0;
    for await (const chunk of await opening) samples += chunkLength(chunk as AudioChunk);
    expect(samples).toBe(16_000);
  });

  it('that nobody writes to can be given up, and one whose writer pauses be left', async () => {
    const abort = new AbortController();
    const waiting = openSource(pipe, { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toBeInstanceOf(DenoiseError);
    const opening = openSource(pipe, { pace: 'fast' });
    const writer = await open(pipe, 'w');
    await writer.write(bytes.subarray(0, 8044));
    const source = await opening;
    source.resume();
    await until(() => source.stats.samples > 0n);
    source.destroy();
    await until(() => source.closed);
    expect(source.errored).toBeNull();
    expect(source.stats.state).toBe('ended');
    await writer.close();
  });
});
