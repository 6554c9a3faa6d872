import type { Random } from '../../../random.js';

/**
 * A value that wanders smoothly between −1 and 1: a straight line between random points.
 *
 * @param seconds how long it is asked for. @param rate points a second
 * @returns the value at a time in seconds, 0…`seconds`
 */
export function drawWander(seconds: number, rate: number, random: Random): (at: number) => number {
  const points = Float32Array.from({ length: Math.ceil(seconds * rate) + 2 }, () => random.uniform(-1, 1));
  return (at) => {
    const position = Math.max(0, Math.min(points.length - 1.001, at * rate));
    const index = Math.floor(position);
    return points[index]! + (position - index) * (points[index + 1]! - points[index]!);
  };
}
