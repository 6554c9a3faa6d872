import { powerToDb } from '../metrics/levels.js';
import { type Axis, drawAxes, positionOn, ticksOf } from './axes.js';
import { magma } from './colour-map.js';
import { type Box, FAINT_INK, Figure, INK } from './figure.js';
import { resizeGrid } from './resize-grid.js';
import type { Spectrogram } from './spectrogram.js';

export interface SpectrogramPairOptions {
  /** What stands above the picture, usually the name of the file. */
  title: string;
  /** Distance from the loudest to the darkest colour in dB, default 90. */
  dynamicRange?: number;
}

const WIDTH = 1080;
const HEIGHT = 680;
const LEFT = 74;
const PLOT_WIDTH = 880;
const TOP = 58;
const PLOT_HEIGHT = 262;
const GAP = 42;
const SILENCE = 1e-20;

/**
 * Two spectrograms one above the other with the same axes and colours, so that what was taken away can be seen.
 *
 * @param before Of the recording as it was; sets the range of the colours.
 * @param after Of the recording as it became.
 * @returns a PNG of 1620 × 1020 pixels.
 */
export function spectrogramPair(
  before: Spectrogram,
  after: Spectrogram,
  options: SpectrogramPairOptions,
): Buffer {
  const figure = new Figure(WIDTH, HEIGHT);
  const style = { size: 15, bold: true };
  figure.text(figure.fit(options.title, PLOT_WIDTH, style), LEFT, 26, style);

  const top = Math.ceil(powerToDb(Math.max(loudest(before), 1e-9)) / 5) * 5;
  const level: Axis = { min: top - (options.dynamicRange ?? 90), max: top, label: 'level (dBFS)' };
  const time: Axis = { min: 0, max: Math.max(before.seconds, 1e-3), label: 'time (s)' };
  const panels = [
    { name: 'before', spectrogram: before, y: TOP, last: false },
    { name: 'after', spectrogram: after, y: TOP + PLOT_HEIGHT + GAP, last: true },
  ];
  for (const { name, spectrogram, y, last } of panels) {
    const box = { left: LEFT, top: y, width: PLOT_WIDTH, height: PLOT_HEIGHT };
    const frequency: Axis = { min: 0, max: spectrogram.sampleRate / 2000, label: 'frequency (kHz)' };
    figure.text(name, LEFT, y - 7, { size: 12, bold: true, colour: FAINT_INK });
    drawPicture(figure, box, spectrogram, level, time.max);
    drawAxes(figure, box, time, frequency, { hideX: !last });
  }
  drawColourBar(
    figure,
    { left: LEFT + PLOT_WIDTH + 22, top: TOP, width: 16, height: 2 * PLOT_HEIGHT + GAP },
    level,
  );
  return figure.png();
}

function loudest({ power }: Spectrogram): number {
  let highest = 0;
  for (const value of power) highest = Math.max(highest, value);
  return highest;
}

function drawPicture(figure: Figure, box: Box, picture: Spectrogram, level: Axis, seconds: number): void {
  const { columns, bins, secondsPerColumn } = picture;
  const width = Math.round(box.width * figure.density);
  const height = Math.round(box.height * figure.density);
  const levels = picture.power.map((power) => powerToDb(power + SILENCE));
  // A column may reach past the end of the recording: the picture is as wide as its columns, the box as the recording.
  const drawn = Math.max(1, Math.round((width * columns * secondsPerColumn) / seconds));
  const grid = resizeGrid(levels, columns, bins, drawn, height);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = x < drawn ? grid[x * height + (height - 1 - y)]! : level.min;
      paint(rgba, 4 * (y * width + x), positionOn(level, value));
    }
  }
  figure.pixels(box, width, height, rgba);
}

function drawColourBar(figure: Figure, box: Box, level: Axis): void {
  const width = Math.round(box.width * figure.density);
  const height = Math.round(box.height * figure.density);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) paint(rgba, 4 * i, 1 - Math.floor(i / width) / (height - 1));
  figure.pixels(box, width, height, rgba);
  figure.context.strokeStyle = INK;
  figure.context.lineWidth = 1;
  figure.context.strokeRect(box.left, box.top, box.width, box.height);
  const right = box.left + box.width;
  for (const { value, label } of ticksOf(level, box.height, 50)) {
    const y = box.top + (1 - positionOn(level, value)) * box.height;
    figure.line(right, y, right + 4, y, INK);
    figure.text(label, right + 8, y, { size: 11, baseline: 'middle' });
  }
  figure.text(level.label, right + 62, box.top + box.height / 2, {
    align: 'center',
    baseline: 'bottom',
    colour: FAINT_INK,
    upright: true,
  });
}

function paint(rgba: Uint8ClampedArray, at: number, position: number): void {
  const colour = 3 * Math.round(255 * Math.min(1, Math.max(0, position)));
  rgba[at] = magma[colour]!;
  rgba[at + 1] = magma[colour + 1]!;
  rgba[at + 2] = magma[colour + 2]!;
  rgba[at + 3] = 255;
}
