import { type Box, FAINT_INK, type Figure, GRID, INK } from './figure.js';
import { linearTicks, logTicks, type Tick } from './ticks.js';

/** One axis: its range, how it is divided, and what it is called. */
export interface Axis {
  min: number;
  max: number;
  log?: boolean;
  /** What is drawn along it, with its unit: `frequency (kHz)`. */
  label: string;
}

/** Where a value falls along an axis, 0 at its lower end and 1 at its upper one. */
export function positionOn(axis: Axis, value: number): number {
  return axis.log === true
    ? Math.log(value / axis.min) / Math.log(axis.max / axis.min)
    : (value - axis.min) / (axis.max - axis.min);
}

/** The marks of an axis of this length in logical pixels, about one every `spacing`. */
export function ticksOf(axis: Axis, length: number, spacing: number): Tick[] {
  const count = Math.max(2, Math.floor(length / spacing));
  return axis.log === true ? logTicks(axis.min, axis.max, count) : linearTicks(axis.min, axis.max, count);
}

/** Faint lines across the box at every mark; drawn before the data. */
export function drawGrid(figure: Figure, box: Box, x: Axis, y: Axis): void {
  for (const { value } of ticksOf(x, box.width, 90)) {
    const at = box.left + positionOn(x, value) * box.width;
    figure.line(at, box.top, at, box.top + box.height, GRID);
  }
  for (const { value } of ticksOf(y, box.height, 42)) {
    const at = box.top + (1 - positionOn(y, value)) * box.height;
    figure.line(box.left, at, box.left + box.width, at, GRID);
  }
}

/** The frame of the box with marks, numbers and names below and to the left; drawn after the data. */
export function drawAxes(
  figure: Figure,
  box: Box,
  x: Axis,
  y: Axis,
  options: { hideX?: boolean } = {},
): void {
  const bottom = box.top + box.height;
  figure.context.strokeStyle = INK;
  figure.context.lineWidth = 1;
  figure.context.strokeRect(box.left, box.top, box.width, box.height);

  for (const { value, label } of ticksOf(x, box.width, 90)) {
    const at = box.left + positionOn(x, value) * box.width;
    figure.line(at, bottom, at, bottom + 4, INK);
    if (options.hideX !== true) {
      figure.text(label, at, bottom + 7, { size: 11, align: 'center', baseline: 'top' });
    }
  }
  if (options.hideX !== true) {
    figure.text(x.label, box.left + box.width / 2, bottom + 24, {
      align: 'center',
      baseline: 'top',
      colour: FAINT_INK,
    });
  }

  let widest = 0;
  for (const { value, label } of ticksOf(y, box.height, 42)) {
    const at = box.top + (1 - positionOn(y, value)) * box.height;
    figure.line(box.left - 4, at, box.left, at, INK);
    figure.text(label, box.left - 7, at, { size: 11, align: 'right', baseline: 'middle' });
    widest = Math.max(widest, figure.textWidth(label, { size: 11 }));
  }
  figure.text(y.label, box.left - widest - 14, box.top + box.height / 2, {
    align: 'center',
    baseline: 'bottom',
    colour: FAINT_INK,
    upright: true,
  });
}
