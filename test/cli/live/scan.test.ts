import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChannelBook } from '../../../src/cli/live/channel-book.js';
import type { LiveCommandOptions } from '../../../src/cli/live/command-options.js';
import { planScan } from '../../../src/cli/live/scan.js';
import { throughAir, toCu8 } from '../../../streams/radio/modulate/air.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { runDenoise } from '../support/run-denoise.js';
import { noisyTone } from '../support/sounds.js';
import { standInModel } from '../support/stand-in-model.js';
import { parseWav } from '../support/wav-bytes.js';

const RATE = 250_000;
let folder: string;
let book: ChannelBook;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-scan-'));
  book = new ChannelBook(join(folder, 'channels.json'));
  book.put({ name: 'relay', freq: '145.6M', squelch: '8', ctcss: '88.5' });
  book.put({ name: 'tower', freq: '118.1M', mode: 'am' });
  book.put({ name: 'open', freq: '145.5M', squelch: 'off' });
});
afterAll(() => rmSync(folder, { recursive: true }));

const plan = (options: Partial<LiveCommandOptions>) => planScan(options as LiveCommandOptions, book);

describe('what is to be scanned', () => {
  it('is channels that are kept, and band plans', () => {
    expect(plan({})).toBeUndefined();
    const scan = plan({ scan: 'relay,Tower', priority: 'tower', scanDelay: 1, scanMost: 30 });
    expect(scan).toMatchObject({ delaySeconds: 1, mostSeconds: 30 });
    expect(scan!.channels).toEqual([
      expect.objectContaining({ frequencyHz: 145.6e6, squelchCode: { kind: 'ctcss', hz: 88.5 } }),
      {
        ...{ name: 'tower', frequencyHz: 118.1e6, mode: 'am', priority: true },
        squelch: { kind: 'noise', thresholdDb: 8 },
      },
    ]);
    const air = plan({ scan: 'air,relay', squelch: '12' })!.channels;
    expect(air).toHaveLength(761);
    expect(air[4]).toEqual({
      ...{ name: 'air 118.100', frequencyHz: 118.1e6, mode: 'am' },
      squelch: { kind: 'noise', thresholdDb: 12 },
    });
    expect(plan({ scan: 'cb', region: 'america' })!.channels[0]).toMatchObject({ mode: 'am' });
  });

  it.each([
    [{ scan: 'all' }, 'open has no squelch'],
    [{ scan: 'cb' }, 'not the same in europe and america'],
    [{ scan: 'marin' }, 'no channel or band plan "marin"'],
    [{ scan: 'weather', region: 'europe' }, 'no channel or band plan "weather" in europe'],
    [{ scan: 'cb', region: 'asia' }, '--region asia'],
    [{ scan: 'relay' }, 'is one channel'],
    [{ scan: 'relay,tower', priority: 'open' }, '--priority open'],
    [{ scan: 'relay,tower', freq: '145M' }, '--freq is for one channel'],
    [{ scanDelay: 2 }, '--scan-delay is for scans'],
    [{ activity: 'log' }, '--activity is for scans'],
  ])('is refused: %o', (options, message) => {
    expect(() => plan(options)).toThrow(message);
  });
});

describe('denoise live --scan', () => {
  it('finds who talks, and keeps a log and what was said', async () => {
    const talk = Float32Array.from(noisyTone(4));
    const air = throughAir(
      modulateFm(talk, { audioRate: 16_000, rate: RATE, deviationHz: 2_500, audioHz: 3_000 }),
      {
        ...{ rate: RATE, offsetHz: -68_750, cnrDb: 30, channelHz: 11_000, seed: 1 },
      },
    );
    const silence = throughAir(new Float32Array(8 * RATE).fill(1), {
      ...{ rate: RATE, offsetHz: 0, cnrDb: -25, channelHz: 11_000, level: 1e-4, seed: 2 },
    });
    const recording = join(folder, 'band.cu8');
    writeFileSync(recording, Buffer.concat([toCu8(air), toCu8(silence)]));
    const { code, stdout, stderr } = await runDenoise([
      ...['live', '--source', `iq:${recording}`, '--rate', `${RATE}`, '--centre', '446.1M', '--fast'],
      ...['--scan', 'pmr446', '--activity', join(folder, 'log'), '--out', 'none', '--json'],
      ...['--model', await standInModel(folder)],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'event');
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['activity-began', 'activity-ended']));
    const [line, ...more] = readFileSync(join(folder, 'log', 'activity.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(more).toEqual([]);
    const { channel, file, seconds, ...logged } = JSON.parse(line);
    expect(channel).toBe('pmr446 446.03125');
    expect(logged).toMatchObject({ frequencyHz: 446_031_250, mode: 'nbfm' });
    expect(seconds).toBeGreaterThan(2);
    expect(readdirSync(join(folder, 'log'))).toHaveLength(2);
    const { samples, sampleRate } = parseWav(readFileSync(file));
    expect(samples[0].length / sampleRate).toBeGreaterThan(seconds);
    expect(Math.max(...samples[0])).toBeGreaterThan(0.05);
  }, 60_000);
});
