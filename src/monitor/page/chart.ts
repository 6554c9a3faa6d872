import { logTicks, shortNumber, ticks } from './ticks.js';

export interface Series {
  /** In the legend; without one the series is not in it. */
  label?: string;
  x: readonly number[];
  /** `null` and NaN leave a gap. */
  y: readonly (number | null)[];
  /** Name of a CSS colour, such as `--accent`. */
  colour: string;
  /** Points instead of a line. */
  dots?: boolean;
}

export interface Axis {
  /** Where it begins and ends; default as far as there are values. */
  from?: number;
  to?: number;
  /** Logarithmic; values from 0 down are left out. */
  log?: boolean;
  /** Numbers on it; default {@link shortNumber}. */
  format?: (value: number) => string;
  /** What is counted, at its end. */
  label?: string;
}

/** Room for numbers, CSS pixels; `.inset` of the style sheet has the same sides. */
const LEFT = 46;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 20;
/** Distance of two numbers at least. */
const BETWEEN_X = 90;
const BETWEEN_Y = 28;

interface Scale {
  from: number;
  to: number;
  at(value: number): number;
}

/** Lines over two axes on a canvas, drawn anew when its size or the colours change. */
export class Chart {
  #series: readonly Series[] = [];
  /** A stretch of the x axis that is set off. */
  #mark: readonly [number, number] | undefined;

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly x: Axis = {},
    private readonly y: Axis = {},
  ) {
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  show(series: readonly Series[], mark?: readonly [number, number]): void {
    this.#series = series;
    this.#mark = mark;
    this.#draw();
  }

  /** The value on the x axis at so many CSS pixels from the left. */
  valueAt(offsetX: number): number {
    const { from, to } = this.#range(this.x, 'x');
    return from + ((offsetX - LEFT) / (this.canvas.clientWidth - LEFT - RIGHT)) * (to - from);
  }

  #draw(): void {
    const { canvas } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    // Not shown.
    if (width === 0) return;
    const ratio = devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d')!;
    context.scale(ratio, ratio);
    const style = getComputedStyle(canvas);
    const colour = (name: string) => style.getPropertyValue(name);
    const x = this.#scale(this.x, 'x', LEFT, width - RIGHT);
    const y = this.#scale(this.y, 'y', height - BOTTOM, TOP);
    context.font = `11px ${style.fontFamily}`;
    context.strokeStyle = colour('--line');
    context.fillStyle = colour('--quiet');
    this.#drawAxes(context, x, y);
    if (this.#mark !== undefined) {
      const [from, to] = this.#mark.map((value) => x.at(value));
      context.globalAlpha = 0.18;
      context.fillStyle = colour('--accent');
      context.fillRect(from, TOP, Math.max(1, to - from), height - TOP - BOTTOM);
      context.globalAlpha = 1;
    }
    context.save();
    context.beginPath();
    context.rect(LEFT, TOP - 2, width - LEFT - RIGHT, height - TOP - BOTTOM + 4);
    context.clip();
    for (const one of this.#series) drawSeries(context, one, x, y, colour(one.colour));
    context.restore();
    this.#drawLegend(context, width, colour);
  }

  #drawAxes(context: CanvasRenderingContext2D, x: Scale, y: Scale): void {
    const { width, height } = context.canvas.getBoundingClientRect();
    context.lineWidth = 1;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const across = this.y.log ? logTicks(y.from, y.to) : ticks(y.from, y.to, height / BETWEEN_Y);
    for (const value of across) {
      line(context, LEFT, y.at(value), width - RIGHT, y.at(value));
      context.fillText((this.y.format ?? shortNumber)(value), LEFT - 6, y.at(value));
    }
    context.textBaseline = 'alphabetic';
    const along = this.x.log ? logTicks(x.from, x.to) : ticks(x.from, x.to, width / BETWEEN_X);
    for (const value of along) {
      const at = x.at(value);
      const isLast = at > width - 40;
      context.textAlign = isLast ? 'right' : 'center';
      context.fillText((this.x.format ?? shortNumber)(value), isLast ? width - RIGHT : at, height - 5);
    }
    if (this.x.label === undefined || along.length === 0) return;
    context.textAlign = 'left';
    context.fillText(this.x.label, 2, height - 5);
  }

  #drawLegend(context: CanvasRenderingContext2D, width: number, colour: (name: string) => string): void {
    context.textAlign = 'right';
    context.textBaseline = 'top';
    let right = width - RIGHT - 4;
    for (const { label, colour: name } of this.#series.filter(({ label }) => label !== undefined).reverse()) {
      const { width: wide } = context.measureText(label!);
      context.fillStyle = colour('--card');
      context.fillRect(right - wide - 16, TOP, wide + 18, 14);
      context.fillStyle = colour('--ink');
      context.fillText(label!, right, TOP + 1);
      context.fillStyle = colour(name);
      context.fillRect(right - wide - 13, TOP + 5, 9, 3);
      right -= wide + 26;
    }
  }

  #scale(axis: Axis, which: 'x' | 'y', start: number, end: number): Scale {
    const { from, to } = this.#range(axis, which);
    const map = axis.log ? Math.log10 : (value: number) => value;
    const [low, high] = [map(from), map(to)];
    return { from, to, at: (value) => start + ((map(value) - low) / (high - low)) * (end - start) };
  }

  #range({ from, to, log = false }: Axis, which: 'x' | 'y'): { from: number; to: number } {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const series of this.#series)
      for (const value of series[which]) {
        if (value === null || Number.isNaN(value) || (log && value <= 0)) continue;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    if (least > most) [least, most] = log ? [1, 10] : [0, 1];
    if (least === most) [least, most] = log ? [least / 2, most * 2] : [least - 0.5, most + 0.5];
    const room = which === 'y' && !log ? 0.05 * (most - least) : 0;
    return { from: from ?? least - room, to: to ?? most + room };
  }
}

function drawSeries(
  context: CanvasRenderingContext2D,
  { x: xs, y: ys, dots = false }: Series,
  x: Scale,
  y: Scale,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.beginPath();
  let isDrawing = false;
  xs.forEach((value, n) => {
    const at = ys[n];
    const [px, py] = [x.at(value), at === null ? Number.NaN : y.at(at)];
    if (!Number.isFinite(px) || !Number.isFinite(py)) {
      isDrawing = false;
      return;
    }
    if (dots) context.fillRect(px - 2, py - 2, 4, 4);
    else if (isDrawing) context.lineTo(px, py);
    else context.moveTo(px, py);
    isDrawing = true;
  });
  context.stroke();
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, Math.round(y0) + 0.5);
  context.lineTo(x1, Math.round(y1) + 0.5);
  context.stroke();
}
