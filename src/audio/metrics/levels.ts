/** 10·log10, with silence at `-Infinity`. */
export function powerToDb(power: number): number {
  return 10 * Math.log10(power);
}

/** Power of a level in dB: 10^(dB / 10). */
export function dbToPower(db: number): number {
  return 10 ** (db / 10);
}

/** Mean of the squared samples; 0 for no samples. Full scale ±1 gives at most 1. */
export function meanPower(samples: Float32Array): number {
  let sum = 0;
  for (let n = 0; n < samples.length; n++) sum += samples[n]! * samples[n]!;
  return samples.length === 0 ? 0 : sum / samples.length;
}

/**
 * Root-mean-square level in dBFS: 0 is a square wave of full scale ±1, a sine of full scale is at −3.01.
 * @returns dBFS, `-Infinity` for silence or no samples.
 */
export function rmsDbfs(samples: Float32Array): number {
  return powerToDb(meanPower(samples));
}

/** Largest magnitude of any sample; 0 for no samples. */
export function peak(samples: Float32Array): number {
  let highest = 0;
  for (let n = 0; n < samples.length; n++) highest = Math.max(highest, Math.abs(samples[n]!));
  return highest;
}

/** Largest magnitude of any sample in dBFS, `-Infinity` for silence or no samples. */
export function peakDbfs(samples: Float32Array): number {
  return 20 * Math.log10(peak(samples));
}
