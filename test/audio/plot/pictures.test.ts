import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { curves, SpectrogramAccumulator, spectrogramPair } from '../../../src/audio/plot/index.js';

const sampleRate = 16_000;

interface Picture {
  width: number;
  height: number;
  /** Red, green, blue at logical coordinates; pictures have 1.5 pixels for each. */
  at(x: number, y: number): number[];
  /** Pixels darker than mid grey in a logical rectangle. */
  dark(x: number, y: number, width: number, height: number): number;
}

async function decode(png: Buffer): Promise<Picture> {
  const image = await loadImage(png);
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const pixel = (x: number, y: number) => 4 * (y * image.width + x);
  return {
    width: image.width,
    height: image.height,
    at: (x, y) => [...data.subarray(pixel(Math.round(x * 1.5), Math.round(y * 1.5))).subarray(0, 3)],
    dark: (x, y, width, height) => {
      let count = 0;
      for (let row = Math.round(y * 1.5); row < (y + height) * 1.5; row++) {
        for (let column = Math.round(x * 1.5); column < (x + width) * 1.5; column++) {
          if (data[pixel(column, row)]! < 128) count++;
        }
      }
      return count;
    },
  };
}

function tone(hz: number, amplitude: number) {
  const accumulator = new SpectrogramAccumulator({ sampleRate });
  accumulator.push([
    Float32Array.from(
      { length: sampleRate },
      (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / sampleRate),
    ),
  ]);
  return accumulator.finish();
}

describe('the pair of spectrograms', () => {
  it('shows before above after, bright where the power is, with title, axes and colour bar', async () => {
    const picture = await decode(spectrogramPair(tone(2000, 0.9), tone(6000, 0.9), { title: 'kitchen.wav' }));
    expect([picture.width, picture.height]).toEqual([1620, 1020]);
    // The panels are 262 high for 8 kHz: 2 kHz is a quarter up from the lower edge, 6 kHz three quarters.
    const before = { left: 74, top: 58 };
    const after = { left: 74, top: 58 + 262 + 42 };
    const brightness = (x: number, y: number) => picture.at(x, y).reduce((sum, part) => sum + part, 0);
    for (const x of [100, 500, 940]) {
      expect(brightness(x, before.top + 0.75 * 262)).toBeGreaterThan(500);
      expect(brightness(x, before.top + 0.25 * 262)).toBeLessThan(40);
      expect(brightness(x, after.top + 0.25 * 262)).toBeGreaterThan(500);
      expect(brightness(x, after.top + 0.75 * 262)).toBeLessThan(40);
    }
    expect(picture.dark(74, 8, 120, 22)).toBeGreaterThan(100);
    expect(picture.dark(40, 58, 30, 262)).toBeGreaterThan(50);
    expect(brightness(984, 62)).toBeGreaterThan(500);
    expect(brightness(984, 58 + 2 * 262 + 42 - 4)).toBeLessThan(40);
  });

  it('is drawn for silence, for nothing, and for the same spectrogram twice', async () => {
    const nothing = new SpectrogramAccumulator({ sampleRate }).finish();
    const png = spectrogramPair(nothing, nothing, { title: 'x'.repeat(500) });
    expect((await decode(png)).width).toBe(1620);
  });
});

describe('the line chart', () => {
  const x = [0, 1, 2, 3, 4];
  const options = { title: 'Loss', x: { label: 'epoch' }, y: { label: 'loss' }, width: 600, height: 400 };

  it('draws every series in its colour where its values are', async () => {
    const picture = await decode(
      curves(
        [
          { label: 'low', x, y: x.map(() => 0), colour: '#ff0000' },
          { label: 'high', x, y: x.map(() => 10), colour: '#0000ff' },
        ],
        { ...options, y: { label: 'loss', min: -10, max: 20 } },
      ),
    );
    expect([picture.width, picture.height]).toEqual([900, 600]);
    // The box is 278 high from 64: 0 is a third up, 10 two thirds.
    expect(picture.at(300, 64 + (278 * 2) / 3)).toEqual([255, 0, 0]);
    expect(picture.at(300, 64 + 278 / 3)).toEqual([0, 0, 255]);
    expect(picture.dark(20, 64, 60, 278)).toBeGreaterThan(50);
  });

  it('puts a power of ten at even distances on a logarithmic axis', async () => {
    const picture = await decode(
      curves([{ label: 'rate', x, y: x.map(() => 1e-2), colour: '#ff0000' }], {
        ...options,
        y: { label: 'rate', log: true, min: 1e-4, max: 1 },
      }),
    );
    // The line may share its pixels with the white of the sheet, above and below.
    const [red, green, blue] = picture.at(300, 64 + 278 / 2);
    expect(red).toBeGreaterThan(240);
    expect(Math.max(green!, blue!)).toBeLessThan(100);
  });

  it('leaves gaps for NaN and says so when nothing is left to draw', () => {
    expect(() => curves([], options)).toThrow(expect.objectContaining({ code: 'E_NO_DATA' }));
    expect(() => curves([{ label: 'a', x, y: x.map(() => Number.NaN) }], options)).toThrow(
      /no point to draw/,
    );
    expect(() =>
      curves([{ label: 'a', x, y: x.map(() => -1) }], { ...options, y: { label: 'y', log: true } }),
    ).toThrow(/no point to draw/);
    expect(() => curves([{ label: 'a', x, y: [1] }], options)).toThrow(/5 x and 1 y/);
    const gappy = curves([{ label: 'a', x, y: [1, Number.NaN, 2, Number.NaN, 3] }], options);
    expect(gappy.subarray(1, 4).toString()).toBe('PNG');
  });
});
