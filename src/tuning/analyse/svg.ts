/** Charts as inline SVG: a report is one file that needs nothing else. */
import { linearTicks, logTicks, type Tick } from '../../audio/plot/ticks.js';

export interface Point {
  x: number;
  y: number;
  /** Shown where the pointer rests. */
  title?: string;
  colour?: string;
}

interface ChartOptions {
  x: string;
  y: string;
  /** Logarithmic axes; used only where all values are above 0. */
  logX?: boolean;
  logY?: boolean;
  /** Marks of the horizontal axis, which then reaches from the first to the last. Default: round numbers. */
  xTicks?: readonly Tick[];
  width?: number;
  height?: number;
}

export interface ChartData {
  points?: readonly Point[];
  lines?: readonly { points: readonly Point[]; colour?: string; title?: string; width?: number }[];
}

const MARGIN = { left: 64, right: 12, top: 10, bottom: 40 };
export const COLOURS = { main: '#0969da', best: '#bc4c00', faint: '#b9c2cc', good: '#1a7f37' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
}

/** A number as a reader wants it: four significant digits. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

interface Scale {
  at(value: number): number;
  ticks: readonly Tick[];
}

/** Marks that an axis has room for, about. */
const TICKS = 5;

/** @param values that are on the axis, finite. @param from where it begins and `to` where it ends in the drawing */
function scaleOf(values: readonly number[], log: boolean, from: number, to: number): Scale {
  const useLog = log && values.every((value) => value > 0);
  const f = useLog ? Math.log10 : (value: number) => value;
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (!(high > low)) [low, high] = low > 0 ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
  return {
    at: (value) => from + ((f(value) - f(low)) / (f(high) - f(low))) * (to - from),
    ticks: (useLog ? logTicks : linearTicks)(low, high, TICKS),
  };
}

const svg = (width: number, height: number, drawn: readonly string[]): string =>
  `<svg viewBox="0 0 ${width} ${height.toFixed(0)}" style="max-width:${width}px" role="img">${drawn.join('')}</svg>`;

/** Coloured names, for the lines of a chart. */
export const legend = (names: readonly string[], colours: readonly string[]): string =>
  `<p>${names.map((name, i) => `<span style="color:${colours[i % colours.length]}">■</span> ${escapeHtml(name)}`).join(' &nbsp; ')}</p>`;

/** Points and lines over two axes; a note where there is nothing finite to draw. */
export function chart({ points = [], lines = [] }: ChartData, options: ChartOptions): string {
  const { width = 640, height = 280 } = options;
  const all = [...points, ...lines.flatMap((line) => line.points)].filter(
    ({ x, y }) => Number.isFinite(x) && Number.isFinite(y),
  );
  if (all.length === 0) return '<p class="none">Nothing to draw yet.</p>';
  const { xTicks } = options;
  const x = scaleOf(
    xTicks?.map(({ value }) => value) ?? all.map((point) => point.x),
    options.logX ?? false,
    MARGIN.left,
    width - MARGIN.right,
  );
  const y = scaleOf(
    all.map((point) => point.y),
    options.logY ?? false,
    height - MARGIN.bottom,
    MARGIN.top,
  );
  const place = (point: Point): string => `${x.at(point.x).toFixed(1)},${y.at(point.y).toFixed(1)}`;
  const finite = (point: Point): boolean => Number.isFinite(point.x) && Number.isFinite(point.y);
  const grid = y.ticks.map(
    ({ value, label }) =>
      `<path class="grid" d="M${MARGIN.left} ${y.at(value).toFixed(1)}H${width - MARGIN.right}"/><text class="tick" x="${MARGIN.left - 6}" y="${(y.at(value) + 4).toFixed(1)}" text-anchor="end">${escapeHtml(label)}</text>`,
  );
  const marks = (xTicks ?? x.ticks).map(({ value, label }) => {
    const across = x.at(value);
    const anchor = across > width - 2 * MARGIN.right ? 'end' : 'middle';
    return `<path class="grid" d="M${across.toFixed(1)} ${MARGIN.top}V${height - MARGIN.bottom}"/><text class="tick" x="${across.toFixed(1)}" y="${height - MARGIN.bottom + 16}" text-anchor="${anchor}">${escapeHtml(label)}</text>`;
  });
  const drawn = lines.map(
    ({ points: line, colour = COLOURS.main, title, width: stroke = 1.5 }) =>
      `<polyline fill="none" stroke="${colour}" stroke-width="${stroke}" points="${line.filter(finite).map(place).join(' ')}">${title === undefined ? '' : `<title>${escapeHtml(title)}</title>`}</polyline>`,
  );
  // A line of one point has no length: without a dot, trials of one epoch would leave the chart empty.
  const lonely = lines.flatMap(({ points: line, colour = COLOURS.main, title }) => {
    const seen = line.filter(finite);
    return seen.length === 1 ? [{ ...seen[0], colour, title }] : [];
  });
  const dots = [...points.filter(finite), ...lonely].map((point: Point) => {
    const [cx, cy] = place(point).split(',');
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${point.colour ?? COLOURS.main}">${point.title === undefined ? '' : `<title>${escapeHtml(point.title)}</title>`}</circle>`;
  });
  return svg(width, height, [
    ...[...grid, ...marks, ...drawn, ...dots],
    `<text class="axis" x="${(MARGIN.left + width) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(options.x)}</text>`,
    `<text class="axis" transform="translate(12 ${(height - MARGIN.bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(options.y)}</text>`,
  ]);
}

/** Bars from left to right, longest first as given. */
export function bars(rows: readonly { label: string; value: number; text?: string }[]): string {
  if (rows.length === 0) return '<p class="none">Nothing to draw yet.</p>';
  const most = Math.max(...rows.map(({ value }) => value), 1e-12);
  const drawn = rows.map(({ label, value, text = short(value) }, i) => {
    const top = 6 + i * 26;
    return `<text class="axis" x="150" y="${top + 15}" text-anchor="end">${escapeHtml(label)}</text><rect x="158" y="${top}" width="${((400 * Math.max(0, value)) / most).toFixed(1)}" height="20" fill="${COLOURS.main}"/><text class="tick" x="${(166 + (400 * Math.max(0, value)) / most).toFixed(1)}" y="${top + 15}">${escapeHtml(text)}</text>`;
  });
  return svg(640, 12 + rows.length * 26, drawn);
}

/** One horizontal bar per row over a common axis of seconds. */
export function spans(rows: readonly { from: number; to: number; colour: string; title: string }[]): string {
  if (rows.length === 0) return '<p class="none">Nothing to draw yet.</p>';
  const end = Math.max(...rows.map(({ to }) => to), 1e-9);
  const pitch = Math.max(2, Math.min(14, 400 / rows.length));
  const drawn = rows.map(
    ({ from, to, colour, title }, i) =>
      `<rect x="${(10 + (620 * from) / end).toFixed(1)}" y="${(i * pitch).toFixed(1)}" width="${Math.max(1, (620 * (to - from)) / end).toFixed(1)}" height="${(pitch * 0.8).toFixed(1)}" fill="${colour}"><title>${escapeHtml(title)}</title></rect>`,
  );
  const height = rows.length * pitch + 24;
  return svg(640, height, [
    ...drawn,
    `<text class="tick" x="10" y="${(height - 6).toFixed(0)}">0 s</text>`,
    `<text class="tick" x="630" y="${(height - 6).toFixed(0)}" text-anchor="end">${short(end)} s</text>`,
  ]);
}
