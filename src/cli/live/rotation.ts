import { UsageError } from '../../errors.js';

/** When a recording goes on in another file; one of the two. */
export interface Rotation {
  rotateSeconds?: number;
  rotateBytes?: number;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, m: 60, h: 3600, d: 86_400 };
const BYTES: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};
/** What is shorter is a slip, and would fill a folder with files. */
const LEAST_SECONDS = 0.1;
const LEAST_BYTES = 10_000;
/** A WAV file holds 4 GiB. */
const MOST_BYTES = 4e9;

/**
 * Reads when to begin another file: `90s`, `30min`, `1h`, `500MB`, `2GiB`.
 *
 * @throws UsageError `E_ROTATE`.
 */
export function parseRotation(text: string): Rotation {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim());
  const value = Number(match?.[1] ?? Number.NaN);
  const unit = match?.[2] ?? '';
  const seconds = value * (SECONDS[unit] ?? Number.NaN);
  if (seconds >= LEAST_SECONDS) return { rotateSeconds: seconds };
  const bytes = value * (BYTES[unit.toLowerCase()] ?? Number.NaN);
  if (bytes >= LEAST_BYTES && bytes <= MOST_BYTES) return { rotateBytes: Math.floor(bytes) };
  throw new UsageError('E_ROTATE', `--rotate ${text} is no length or size of a recording.`, {
    hint: 'Write it as 30min, 1h or 500MB: 0.1s or more, or 10kB to 4GB.',
  });
}
