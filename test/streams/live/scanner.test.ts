import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Activity, type ScanChannel, Scanner, type ScanOptions } from '../../../streams/live/scanner.js';
import { throughAir, toCu8 } from '../../../streams/radio/modulate/air.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { TRANSMISSION } from '../../support/iq-fixture.js';
import { startLive } from '../../support/live-session.js';

const { rate, centreHz } = TRANSMISSION;
const SECONDS = 12;
let folder: string;
let recording: string;

const channel = (name: string, offsetHz: number, more: Partial<ScanChannel> = {}): ScanChannel => ({
  ...{ name, frequencyHz: centreHz + offsetHz, mode: 'nbfm' as const },
  ...{ squelch: { kind: 'noise' as const, thresholdDb: 8 } },
  ...more,
});
const empty = channel('empty', -75_000);
const early = channel('early', -25_000);
const late = channel('late', 50_000);

/** Stations that are on the air from and until so many seconds, over the noise of the aerial. */
function band(stations: readonly { offsetHz: number; from: number; to: number }[]): Uint8Array {
  const tone = Float32Array.from(
    { length: SECONDS * 16_000 },
    (_, n) => 0.4 * Math.sin((n * 2 * Math.PI) / 20),
  );
  const total = new Float32Array(2 * SECONDS * rate);
  const fm = modulateFm(tone, { audioRate: 16_000, rate, deviationHz: 3_000, audioHz: 3_000 });
  for (const { offsetHz, from, to } of stations) {
    const keyed = fm.map((value, n) => (n >= 2 * from * rate && n < 2 * to * rate ? value : 0));
    const cnrDb = Number.POSITIVE_INFINITY;
    throughAir(keyed, { rate, offsetHz, cnrDb, channelHz: 16_000, seed: 1 }).forEach((value, n) => {
      total[n] += 0.3 * value;
    });
  }
  const noise = throughAir(new Float32Array(total.length).fill(1), {
    ...{ rate, offsetHz: 0, cnrDb: -25, level: 1e-4, channelHz: 16_000, seed: 2 },
  });
  return toCu8(total.map((value, n) => value + noise[n]));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-scan-'));
  recording = join(folder, 'band.cu8');
  const stations = [
    { offsetHz: -25_000, from: 1, to: 4 },
    { offsetHz: 50_000, from: 3, to: 9 },
  ];
  writeFileSync(recording, band(stations));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function scan(options: ScanOptions, act: (scanner: Scanner) => void = () => {}) {
  const { session } = await startLive(recording, {
    radio: { frequencyHz: centreHz, squelch: { kind: 'noise', thresholdDb: 8 } },
  });
  const scanner = new Scanner(session, options);
  const ended: Activity[] = [];
  const visited: string[] = [];
  scanner.on('ended', (activity) => ended.push(activity));
  scanner.on('channel', ({ name }) => visited.push(name));
  act(scanner);
  await session.done;
  scanner.close();
  return { ended, visited, scanner };
}

describe('Scanner', () => {
  it('stays where somebody talks and for an answer, then goes on', async () => {
    const { ended, visited } = await scan({ channels: [empty, early, late], delaySeconds: 1 });
    expect(ended.map(({ channel: { name } }) => name)).toEqual(['early', 'late']);
    const [first, second] = ended;
    expect(first.beganSeconds).toBeGreaterThan(1);
    expect(first.beganSeconds).toBeLessThan(2.2);
    expect(first.beganSeconds + first.seconds).toBeCloseTo(4, 0);
    // After a second without an answer.
    expect(second.beganSeconds).toBeGreaterThan(4.8);
    expect(second.beganSeconds + second.seconds).toBeCloseTo(9, 0);
    expect(second.snrDb).toBeGreaterThan(15);
    expect(new Set(visited)).toEqual(new Set(['empty', 'early', 'late']));
  });

  it('looks at priority channels meanwhile, and takes over to who talks there', async () => {
    const first = { ...late, priority: true };
    const { ended } = await scan({ channels: [empty, early, first], prioritySeconds: 0.5, delaySeconds: 1 });
    expect(ended.map(({ channel: { name } }) => name)).toEqual(['early', 'late']);
    // Not before it ends at 4 s, but when the other one begins at 3 s.
    expect(ended[1].beganSeconds).toBeGreaterThan(3);
    expect(ended[1].beganSeconds).toBeLessThan(4);
    expect(ended[0].seconds).toBeLessThan(3);
  });

  it('comes back to who talks when nobody does on the priority channel', async () => {
    const first = { ...empty, priority: true };
    const { ended, visited } = await scan({ channels: [first, early], prioritySeconds: 0.5 });
    expect(ended.map(({ channel: { name } }) => name)).toEqual(['early']);
    expect(ended[0].beganSeconds + ended[0].seconds).toBeCloseTo(4, 0);
    expect(visited.filter((name) => name === 'empty').length).toBeGreaterThan(4);
  });

  it('goes on after the longest time, and can be held and told to skip', async () => {
    const { ended } = await scan({ channels: [early, late], mostSeconds: 1 });
    for (const { seconds } of ended) expect(seconds).toBeLessThan(1.3);
    expect(ended.length).toBeGreaterThan(3);
    const held = await scan({ channels: [late, empty], delaySeconds: 0.1 }, (scanner) => {
      scanner.on('began', () => {
        scanner.held = true;
      });
    });
    expect(held.scanner.channel?.name).toBe('late');
    const skipped = await scan({ channels: [early, late] }, (scanner) => {
      scanner.once('began', () => scanner.skip());
    });
    expect(skipped.ended[0].seconds).toBe(0);
  });

  it('leaves out what the radio does not reach, and tells it once', async () => {
    const outside = channel('outside', 5_000_000);
    const told: string[] = [];
    const { ended } = await scan({ channels: [outside, early, late], delaySeconds: 1 }, (scanner) => {
      scanner.on('unreachable', ({ name }, error) => told.push(`${name}: ${error.message}`));
    });
    expect(told).toEqual([expect.stringMatching(/^outside: /)]);
    expect(ended.map(({ channel: { name } }) => name)).toEqual(['early', 'late']);
  });
});
