import { InvalidArgumentError } from 'commander';

/** A stretch of a recording, seconds from its beginning. */
export interface TimeRange {
  from: number;
  to: number;
}

/** `0:00-0:02`, `1:02:03.5-1:02:05` or `12-14.5`, for commander. */
export function parseTimeRange(text: string): TimeRange {
  const [from, to, ...more] = text.split('-').map(parseTime);
  if (more.length > 0 || !(from < to))
    throw new InvalidArgumentError('It is a beginning and an end, such as 0:00-0:02.');
  return { from, to };
}

/** Seconds; NaN for what is no time. */
function parseTime(text: string): number {
  if (!/^(?:\d+:){0,2}\d+(?:\.\d+)?$/.test(text)) return Number.NaN;
  return text.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
}
