import { InvalidArgumentError } from 'commander';

/** A number between 0 and 1, for commander. */
export function parseStrength(text: string): number {
  const strength = Number(text);
  if (text.trim() === '' || !(strength >= 0 && strength <= 1)) {
    throw new InvalidArgumentError('It is a number between 0 and 1.');
  }
  return strength;
}

/** What is left of audio that is taken down by so many dB: 12 → strength 0.75. For commander. */
export function parseMaxAttenuation(text: string): number {
  return 1 - 10 ** (-numberFrom(0)(text) / 20);
}

/** What stands between the name of a recording and the ending of its result, for commander. */
export function parseSuffix(text: string): string {
  if (text === '' || /[/\\]/.test(text))
    throw new InvalidArgumentError('It is a part of a name, such as -clean.');
  return text;
}

/** Bits per sample of an output, for commander. */
export function parseBits(text: string): number {
  const bits = Number(text);
  if (!Number.isInteger(bits) || bits < 4 || bits > 32) {
    throw new InvalidArgumentError('It is a whole number from 4 to 32.');
  }
  return bits;
}

/** A number that must be above `least`, for commander. */
export function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < least)
      throw new InvalidArgumentError(`It is a number from ${least} up.`);
    return value;
  };
}

/** A whole number that must be `least` or more, for commander. */
export function integerFrom(least: number): (text: string) => number {
  return (text) => {
    const value = numberFrom(least)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError(`It is a whole number from ${least} up.`);
    return value;
  };
}
