/** Which cells of a line make one cell of the resized line, and with what weights. */
interface Mix {
  first: number;
  weights: Float64Array;
}

/**
 * Resizes a picture of one value per cell: the mean of what a new cell covers where it shrinks, straight lines between
 * cell centres where it grows.
 *
 * @param values `[columns][rows]`.
 * @param toColumns Any size above 0.
 * @param toRows Any size above 0.
 * @returns `[toColumns][toRows]`.
 */
export function resizeGrid(
  values: Float32Array,
  columns: number,
  rows: number,
  toColumns: number,
  toRows: number,
): Float32Array {
  const across = mixes(columns, toColumns);
  const up = mixes(rows, toRows);
  const line = new Float64Array(rows);
  const resized = new Float32Array(toColumns * toRows);
  across.forEach((mix, column) => {
    line.fill(0);
    mix.weights.forEach((weight, i) => {
      const at = (mix.first + i) * rows;
      for (let row = 0; row < rows; row++) line[row]! += weight * values[at + row]!;
    });
    up.forEach(({ first, weights }, row) => {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]! * line[first + i]!;
      resized[column * toRows + row] = sum;
    });
  });
  return resized;
}

function mixes(from: number, to: number): Mix[] {
  return Array.from({ length: to }, (_, cell) =>
    from > to ? covered(cell, from, to) : between(cell, from, to),
  );
}

function covered(cell: number, from: number, to: number): Mix {
  const start = (cell * from) / to;
  const end = ((cell + 1) * from) / to;
  const first = Math.floor(start);
  const last = Math.min(from, Math.ceil(end - 1e-9));
  const weights = Float64Array.from({ length: last - first }, (_, i) => {
    const overlap = Math.min(end, first + i + 1) - Math.max(start, first + i);
    return overlap / (end - start);
  });
  return { first, weights };
}

function between(cell: number, from: number, to: number): Mix {
  const centre = Math.min(from - 1, Math.max(0, ((cell + 0.5) * from) / to - 0.5));
  const first = Math.min(Math.floor(centre), Math.max(0, from - 2));
  const share = centre - first;
  return { first, weights: from === 1 ? Float64Array.of(1) : Float64Array.of(1 - share, share) };
}
