import { InputError } from '../../errors.js';
import { type Axis, drawAxes, drawGrid, positionOn } from './axes.js';
import { LINE_COLOURS } from './colour-map.js';
import { type Box, Figure } from './figure.js';

/** One line of a chart. */
export interface Series {
  /** Its name in the legend. */
  label: string;
  x: ArrayLike<number>;
  /** As many as `x`; NaN leaves a gap. */
  y: ArrayLike<number>;
  /** CSS colour; by default one of eight that all eyes can tell apart. */
  colour?: string;
  dashed?: boolean;
}

/** How an axis of a chart is drawn; what is left out follows from the data. */
export interface AxisOptions {
  /** With its unit: `learning rate (1/step)`. */
  label: string;
  log?: boolean;
  min?: number;
  max?: number;
}

export interface CurvesOptions {
  title: string;
  x: AxisOptions;
  y: AxisOptions;
  /** Logical pixels, default 900; the PNG has 1.5 times as many. */
  width?: number;
  /** Logical pixels, default 480. */
  height?: number;
}

/**
 * A line chart of one or more series over a common axis.
 * @returns a PNG.
 * @throws InputError `E_NO_DATA` when no series holds a point that can be drawn, `E_LENGTH_MISMATCH` when one holds unequal
 *   numbers of `x` and `y`.
 */
export function curves(series: readonly Series[], options: CurvesOptions): Buffer {
  for (const { label, x, y } of series) {
    if (x.length !== y.length) {
      throw new InputError('E_LENGTH_MISMATCH', `Chart: "${label}" has ${x.length} x and ${y.length} y.`);
    }
  }
  const { width = 900, height = 480 } = options;
  const figure = new Figure(width, height);
  const box = { left: 82, top: 64, width: width - 82 - 28, height: height - 64 - 58 };
  const points = series.flatMap(({ x, y }) => drawable(x, y, options));
  if (points.length === 0) {
    throw new InputError('E_NO_DATA', `Chart "${options.title}": there is no point to draw.`, {
      hint: 'A logarithmic axis shows only values above 0.',
    });
  }
  const x = axisOver(
    points.map((point) => point[0]),
    options.x,
    0,
  );
  const y = axisOver(
    points.map((point) => point[1]),
    options.y,
    0.05,
  );

  const style = { size: 15, bold: true };
  figure.text(figure.fit(options.title, box.width, style), box.left, 26, style);
  drawLegend(figure, box, series);
  drawGrid(figure, box, x, y);
  series.forEach((line, i) => void drawLine(figure, box, line, colourOf(line, i), x, y));
  drawAxes(figure, box, x, y);
  return figure.png();
}

function colourOf(line: Series, index: number): string {
  return line.colour ?? LINE_COLOURS[index % LINE_COLOURS.length]!;
}

function canDraw(value: number, { log }: { log?: boolean }): boolean {
  return Number.isFinite(value) && (log !== true || value > 0);
}

function drawable(x: ArrayLike<number>, y: ArrayLike<number>, options: CurvesOptions): [number, number][] {
  const points: [number, number][] = [];
  for (let i = 0; i < x.length; i++) {
    if (canDraw(x[i]!, options.x) && canDraw(y[i]!, options.y)) points.push([x[i]!, y[i]!]);
  }
  return points;
}

/** The range of the values with a margin on both sides, unless the options say otherwise; never empty. */
function axisOver(values: number[], options: AxisOptions, margin: number): Axis {
  const scale = options.log === true ? Math.log : (value: number) => value;
  const unscale = options.log === true ? Math.exp : (value: number) => value;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, scale(value));
    high = Math.max(high, scale(value));
  }
  const spread = high > low ? (high - low) * margin : Math.max(Math.abs(high) * 0.1, 0.1);
  return {
    min: options.min ?? unscale(low - spread),
    max: options.max ?? unscale(high + spread),
    log: options.log ?? false,
    label: options.label,
  };
}

function drawLine(figure: Figure, box: Box, line: Series, colour: string, x: Axis, y: Axis): void {
  const { context } = figure;
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.75;
  context.lineJoin = 'round';
  context.setLineDash(line.dashed === true ? [6, 4] : []);
  context.beginPath();
  let connected = false;
  let points = 0;
  for (let i = 0; i < line.x.length; i++) {
    if (!canDraw(line.x[i]!, x) || !canDraw(line.y[i]!, y)) {
      connected = false;
      continue;
    }
    const across = box.left + positionOn(x, line.x[i]!) * box.width;
    const down = box.top + (1 - positionOn(y, line.y[i]!)) * box.height;
    if (connected) context.lineTo(across, down);
    else context.moveTo(across, down);
    // A point between two gaps has no line; it is drawn as a dot, and so are all points of a short series.
    const alone = !connected && !(i + 1 < line.x.length && canDraw(line.y[i + 1]!, y));
    if (alone || line.x.length <= 24) {
      context.moveTo(across + 2.5, down);
      context.arc(across, down, 2.5, 0, 2 * Math.PI);
      context.moveTo(across, down);
    }
    connected = true;
    points++;
  }
  if (points > 0) context.stroke();
  context.restore();
}

function drawLegend(figure: Figure, box: Box, series: readonly Series[]): void {
  let left = box.left;
  series.forEach((line, i) => {
    // One of many alike has no name.
    if (line.label === '') return;
    const { context } = figure;
    const room = box.left + box.width - left - 30;
    if (room < 40) return;
    const label = figure.fit(line.label, room, { size: 12 });
    context.save();
    context.setLineDash(line.dashed === true ? [6, 4] : []);
    figure.line(left, 47, left + 22, 47, colourOf(line, i), 2.5);
    context.restore();
    figure.text(label, left + 28, 47, { size: 12, baseline: 'middle' });
    left += 28 + figure.textWidth(label, { size: 12 }) + 22;
  });
}
