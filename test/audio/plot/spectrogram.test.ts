import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Spectrogram, SpectrogramAccumulator } from '../../../src/audio/plot/index.js';
import { uniform } from '../metrics/signals.js';

const sampleRate = 8000;

function spectrogramOf(
  channels: readonly Float32Array[],
  cuts: readonly number[],
  maxColumns = 2000,
): Spectrogram {
  const accumulator = new SpectrogramAccumulator({ sampleRate, maxColumns });
  let from = 0;
  for (const to of [...[...cuts].sort((a, b) => a - b), channels[0]!.length]) {
    accumulator.push(channels.map((channel) => channel.subarray(from, to)));
    from = to;
  }
  return accumulator.finish();
}

/** Row with the most power in a column. */
function brightest({ power, bins }: Spectrogram, column: number): number {
  const rows = power.subarray(column * bins, (column + 1) * bins);
  return rows.indexOf(Math.max(...rows));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

describe('the spectrogram accumulator', () => {
  it('gives the same picture at every chunking, in mono and stereo', () => {
    const left = Float32Array.from(uniform(9000, 1));
    const right = Float32Array.from(uniform(9000, 2));
    const cuts = fc.array(fc.nat(9000), { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.constantFrom([left], [left, right]),
        cuts,
        fc.constantFrom(8, 50, 2000),
        (channels, at, most) => {
          const { power, ...rest } = spectrogramOf(channels, at, most);
          const { power: wanted, ...whole } = spectrogramOf(channels, [], most);
          expect(rest).toEqual(whole);
          // Bytes: expect() takes half a second for each such picture.
          expect(bytesOf(power).equals(bytesOf(wanted))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps its columns however long the recording is, and shows where things happened', () => {
    // 1 kHz up to the middle, 3 kHz after it.
    const seconds = 40;
    const tone = Float32Array.from({ length: seconds * sampleRate }, (_, n) =>
      Math.sin((2 * Math.PI * (n < 20 * sampleRate ? 1000 : 3000) * n) / sampleRate),
    );
    const picture = spectrogramOf([tone], [], 64);
    expect(picture.columns).toBeLessThanOrEqual(64);
    expect(picture.columns).toBeGreaterThan(32);
    expect(picture.seconds).toBe(seconds);
    const middle = Math.floor(20 / picture.secondsPerColumn);
    const hzPerBin = sampleRate / 2 / (picture.bins - 1);
    for (const column of [0, 5, middle - 1]) expect(brightest(picture, column) * hzPerBin).toBe(1000);
    for (const column of [middle + 1, picture.columns - 1])
      expect(brightest(picture, column) * hzPerBin).toBe(3000);
  });

  it('puts a click into the column of its time', () => {
    const click = new Float32Array(sampleRate);
    click[6000] = 1;
    const picture = spectrogramOf([click], []);
    const energy = Array.from({ length: picture.columns }, (_, column) =>
      picture.power
        .subarray(column * picture.bins, (column + 1) * picture.bins)
        .reduce((sum, p) => sum + p, 0),
    );
    const at = (energy.indexOf(Math.max(...energy)) + 0.5) * picture.secondsPerColumn;
    expect(Math.abs(at - 0.75)).toBeLessThanOrEqual(picture.secondsPerColumn);
  });

  it('measures a sine of full scale at power 1', () => {
    const sine = Float32Array.from({ length: 8000 }, (_, n) =>
      Math.sin((2 * Math.PI * 1000 * n) / sampleRate),
    );
    const picture = spectrogramOf([sine, sine], []);
    const column = Math.floor(picture.columns / 2);
    expect(picture.power[column * picture.bins + brightest(picture, column)]).toBeCloseTo(1, 3);
  });

  it('makes one silent column of nothing', () => {
    const picture = new SpectrogramAccumulator({ sampleRate }).finish();
    expect(picture.columns).toBe(1);
    expect(Math.max(...picture.power)).toBe(0);
    expect(() => new SpectrogramAccumulator({ sampleRate: 0 })).toThrow(
      expect.objectContaining({ code: 'E_SAMPLE_RATE' }),
    );
  });
});
