import { UsageError } from '../../errors.js';

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/**
 * Reads a frequency or a rate: `145500000`, `145.5M`, `7100k`, `1.2GHz`, `250e3`.
 *
 * @param option - name of the option, for the error.
 * @returns Hz.
 * @throws UsageError `E_FREQUENCY`.
 */
export function parseHertz(text: string, option: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)(e\d+)?\s*([kmg]?)(?:hz)?$/i.exec(text.trim());
  const value = match === null ? Number.NaN : Number(match[1] + (match[2] ?? ''));
  const hertz = Math.round(value * FACTORS[match?.[3].toLowerCase() ?? '']);
  if (Number.isFinite(hertz) && hertz >= 0) return hertz;
  throw new UsageError('E_FREQUENCY', `${option} ${text} is no frequency.`, {
    hint: 'Write it in Hz, or with k, M or G: 145500000, 145.5M, 7100k.',
  });
}

/** `145.500 000 MHz`; kHz under 1 MHz. */
export function formatHertz(hertz: number): string {
  const inMega = Math.abs(hertz) >= 1e6;
  const digits = (Math.round(hertz) / (inMega ? 1e6 : 1e3)).toFixed(inMega ? 6 : 3);
  return inMega ? `${digits.slice(0, -3)} ${digits.slice(-3)} MHz` : `${digits} kHz`;
}
