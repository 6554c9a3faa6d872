/** Small statistics over curves of a run; every function takes any finite numbers, also none. */

/** Middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2;
}

/** Index of the smallest value, the first of equals; −1 of nothing. */
export function indexOfSmallest(values: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (best < 0 || values[i] < values[best]) best = i;
  return best;
}

/** Index of the largest value, the first of equals; −1 of nothing. */
export function indexOfLargest(values: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (best < 0 || values[i] > values[best]) best = i;
  return best;
}

/** Running median of three, the ends as they are: takes single spikes out and leaves steps where they are. */
export function withoutSpikes(values: readonly number[]): number[] {
  return values.map((value, i) =>
    i === 0 || i === values.length - 1 ? value : median([values[i - 1], value, values[i + 1]]),
  );
}

/** Change from each value to the next as a ratio − 1; values under `floor` count as `floor` (noise around zero). */
export function relativeChanges(values: readonly number[], floor: number): number[] {
  const changes: number[] = [];
  for (let i = 1; i < values.length; i++) {
    changes.push(Math.max(values[i], floor) / Math.max(values[i - 1], floor) - 1);
  }
  return changes;
}

/** Share by which the mean of the second half of the last `window` values is under that of the first half. */
export function recentImprovement(values: readonly number[], window: number): number {
  const recent = values.slice(-window);
  const half = recent.length >> 1;
  const before = median(recent.slice(0, half));
  const after = median(recent.slice(-half));
  return before > 0 ? 1 - after / before : 0;
}

/** `parts` medians of consecutive, equally long pieces. */
export function medianOfParts(values: readonly number[], parts: number): number[] {
  return Array.from({ length: parts }, (_, part) =>
    median(
      values.slice(
        Math.floor((part * values.length) / parts),
        Math.floor(((part + 1) * values.length) / parts),
      ),
    ),
  );
}
