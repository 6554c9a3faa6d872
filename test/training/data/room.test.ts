import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { ClipPicker, ClipPlayer } from '../../../src/training/data/clip-player.js';
import { ClipStore } from '../../../src/training/data/library.js';
import { remixConfigSchema } from '../../../src/training/data/remix-config.js';
import { drawRoom } from '../../../src/training/data/room.js';

const RATE = 16_000;
const LENGTH = 6400;
const power = (x: Float32Array) => x.reduce((sum, value) => sum + value * value, 0);

function room(seed: number, config: object, measured?: Parameters<typeof drawRoom>[6]) {
  const [early, late] = [new Float32Array(8000), new Float32Array(8000)];
  drawRoom(early, late, LENGTH, RATE, remixConfigSchema.parse(config), new Random(seed), measured);
  return { early, late };
}

describe.each([
  ['decaying noise', {}],
  ['shoeboxes', { imageRooms: 1 }],
])('a room of %s', (_name, kind) => {
  it('begins with the direct sound and has the ratio asked for to the rest', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { early, late } = room(seed, { ...kind, directToReverberantDb: [5, 5] });
      expect(early[0]).toBe(1);
      const rest = early.map((value, i) => (i === 0 ? 0 : value + late[i]!));
      expect(10 * Math.log10(1 / power(rest))).toBeCloseTo(5, 2);
      expect(late.subarray(0, 780).every((value) => value === 0)).toBe(true);
      expect(early.subarray(1000).every((value) => value === 0)).toBe(true);
    }
  });

  it('decays by the time asked for', () => {
    const [first, last] = [new Float32Array(1), new Float32Array(1)];
    for (let seed = 0; seed < 30; seed++) {
      const { late } = room(seed, { ...kind, reverberationSeconds: [0.4, 0.4] });
      first[0]! += power(late.subarray(1200, 2000));
      last[0]! += power(late.subarray(4400, 5200));
    }
    // 3200 samples are 0.2 s: half of 0.4 s, so 30 dB.
    const fall = 10 * Math.log10(first[0]! / last[0]!);
    expect(fall).toBeGreaterThan(26);
    expect(fall).toBeLessThan(34);
  });
});

describe('a measured room', () => {
  it('is played from its loudest sample on, with that as the direct sound', () => {
    const store = new ClipStore(RATE);
    const response = new Float32Array(4000);
    response[50] = -0.5;
    response[60] = 0.25;
    response[2050] = 0.1;
    store.add('hall.wav', response);
    const measured = { picker: new ClipPicker(store.library, 0), player: new ClipPlayer(store.library) };
    const { early, late } = room(1, { measuredRooms: 1 }, measured);
    expect(early[0]).toBe(1);
    expect(early[10]).toBeCloseTo(-0.5, 3);
    expect(late[2000]).toBeCloseTo(-0.2, 3);
    expect(power(early) + power(late)).toBeCloseTo(1.29, 2);
  });
});
