import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SourceNotice } from '../../../streams/sources/chunk-source.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { listRtlSdr, type RtlSdrOptions, RtlSdrSource } from '../../../streams/sources/rtl-sdr.js';
import { buildFakeRtlSdr, noFakeRtlSdr } from '../../support/fake-rtlsdr.js';
import { until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

const SAMPLES = 500_000;
const ramp = Uint8Array.from({ length: 2 * SAMPLES }, (_, i) => (i * 2654435761) >>> 24);
let folder: string;
let built: string;
let library: string;

beforeAll(() => {
  if (noFakeRtlSdr !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'rtl-sdr-'));
  built = buildFakeRtlSdr();
  library = join(built, 'librtlsdr.so.0');
  writeFileSync(join(folder, 'ramp.cu8'), ramp);
});
afterAll(() => {
  if (noFakeRtlSdr !== undefined) return;
  rmSync(folder, { recursive: true });
  rmSync(built, { recursive: true });
});
beforeEach(() => {
  if (noFakeRtlSdr !== undefined) return;
  process.env.FAKE_RTLSDR_FILE = join(folder, 'ramp.cu8');
  process.env.FAKE_RTLSDR_GONE = join(folder, 'gone');
  process.env.FAKE_RTLSDR_LOG = join(folder, 'log');
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('FAKE_RTLSDR_')) delete process.env[name];
  if (noFakeRtlSdr === undefined) rmSync(join(folder, 'gone'), { force: true });
});

const open = (options: Partial<RtlSdrOptions> = {}) => RtlSdrSource.open({ library, ...options });

/** Settings the dongle was given, as `name value`. */
function settings(): string[] {
  return readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
}

async function close(source: RtlSdrSource): Promise<void> {
  source.destroy();
  await until(() => source.closed);
}

sourceConformance({ name: 'RTL-SDR by FFI', wanted: 100_000, open: () => open(), skip: noFakeRtlSdr });

describe('RTL-SDR without librtlsdr', () => {
  it('says what to install', () => {
    expect(() => listRtlSdr('/nowhere/librtlsdr.so.0')).toThrow(
      expect.objectContaining({ name: 'DeviceError', code: 'E_NO_LIBRTLSDR' }),
    );
  });
});

describe.skipIf(noFakeRtlSdr !== undefined)(`RTL-SDR by FFI ${noFakeRtlSdr ?? ''}`, () => {
  it('lists dongles by serial number', () => {
    expect(listRtlSdr(library)).toEqual([{ index: 0, name: 'Generic RTL2832U OEM', serial: '00000042' }]);
  });

  it('gives the dongle`s own bytes, and leaves the event loop free', async () => {
    const source = await open({ centreHz: 100e6 });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const pieces: Uint8Array[] = [];
    source.on('data', (chunk: IqChunk) => pieces.push(chunk.samples as Uint8Array));
    await until(() => pieces.length >= 10);
    clearInterval(timer);
    await close(source);
    expect(turns).toBeGreaterThan(5);
    expect(Buffer.concat([ramp, ramp]).includes(Buffer.concat(pieces.slice(0, 10)))).toBe(true);
  });

  it('sets what it is asked, and returns what the hardware took', async () => {
    rmSync(join(folder, 'log'), { force: true });
    const source = await open({
      serial: '00000042',
      centreHz: 145.5e6,
      sampleRate: 2.4e6,
      ppm: -7,
      gain: 33,
    });
    expect(source.sampleRate).toBe(2_400_000);
    expect(source.tuner).toBe('R820T');
    expect(await source.setGain(100)).toBe(49.6);
    expect(await source.setGain('auto')).toBe('auto');
    expect(await source.setPpm(-7)).toBe(-7);
    expect(await source.setAgc(true)).toBe(true);
    expect(await source.setBiasTee(true)).toBe(true);
    expect(await source.setDirectSampling('q')).toBe('q');
    expect(await source.setCentre(3.5e6)).toBe(3_500_000);
    await expect(source.setOffsetTuning(true)).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
    await close(source);
    expect(settings().filter((line) => !line.startsWith('async'))).toEqual([
      'open 0',
      'sample_rate 2400000',
      'freq_correction -7',
      'center_freq 145500000',
      'tuner_gain_mode 1',
      'tuner_gain 328',
      'tuner_gain_mode 1',
      'tuner_gain 496',
      'tuner_gain_mode 0',
      'agc_mode 1',
      'bias_tee 1',
      'direct_sampling 2',
      'center_freq 3500000',
      'close 0',
    ]);
  });

  it('gets through an unplug: marks the gap, and tunes again when the dongle is back', async () => {
    const source = await open({ centreHz: 145.5e6, backOff: { firstMs: 10, maxMs: 50 } });
    const chunks: IqChunk[] = [];
    const notices: SourceNotice[] = [];
    source.on('data', (chunk: IqChunk) => chunks.push(chunk));
    source.on('notice', (notice: SourceNotice) => notices.push(notice));
    await until(() => chunks.length > 3);
    writeFileSync(join(folder, 'gone'), '');
    await until(() => source.stats.retries > 2);
    rmSync(join(folder, 'log'));
    rmSync(join(folder, 'gone'));
    await until(() => notices.some(({ kind }) => kind === 'resumed'));
    await until(() => chunks.some((chunk) => chunk.discontinuity?.reason.startsWith('the source was gone')));
    expect(notices.find(({ kind }) => kind === 'retry')).toMatchObject({ error: { code: 'E_NO_DEVICE' } });
    expect(settings()).toContain('center_freq 145500000');
    expect(source.stats.lostSamples).toBeGreaterThan(0n);
    await close(source);
  });

  it('notices a dongle that hangs', async () => {
    process.env.FAKE_RTLSDR_END = 'hang';
    const source = await open({ stallTimeoutMs: 100, centreHz: 100e6, backOff: { firstMs: 10 } });
    const notices: SourceNotice[] = [];
    source.on('notice', (notice: SourceNotice) => notices.push(notice));
    source.resume();
    await until(() => notices.some(({ kind }) => kind === 'retry'));
    expect(notices.find(({ kind }) => kind === 'retry')).toMatchObject({
      error: { code: 'E_SOURCE_STALLED' },
    });
    await close(source);
  });

  it.each([
    ['no dongle', { FAKE_RTLSDR_FILE: '/nowhere' }, {}, 'E_NO_DEVICE', 'lsusb'],
    ['another serial number', {}, { serial: '77' }, 'E_NO_DEVICE', '00000042'],
    ['a busy dongle', { FAKE_RTLSDR_OPEN: '-6' }, {}, 'E_DEVICE_BUSY', 'dvb_usb_rtl28xxu'],
    ['no permission', { FAKE_RTLSDR_OPEN: '-3' }, {}, 'E_PERMISSION', 'plugdev'],
    ['a frequency out of range', {}, { centreHz: 10e9 }, 'E_FREQUENCY_RANGE', ''],
    ['an impossible rate', {}, { sampleRate: 48_000 }, 'E_SAMPLE_RATE', '225001'],
  ])('says plainly when there is %s', async (_, variables, options, code, hint) => {
    Object.assign(process.env, variables);
    const error = await open(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DeviceError', code, hint: expect.stringContaining(hint) });
  });
});
