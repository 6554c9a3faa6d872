import { Random } from '../../src/random.js';
import { toCu8 } from '../../streams/radio/modulate/air.js';
import { Receiver } from '../../streams/radio/receiver.js';
import type { Bench, Measurement } from './bench.js';

/** What the project promises for each core, in million samples per second at 2.4 MS/s. */
const PROMISE = 10;
const MODES = ['wbfm', 'nbfm', 'am', 'sam', 'usb', 'cw'] as const;
const RATES = [2_400_000, 1_024_000, 250_000] as const;
/** What rtl_tcp sends at a time. */
const BLOCK = 131_072;
const ROUNDS = 12;

function noise(samples: number): Uint8Array {
  const random = new Random(1);
  return toCu8(Float32Array.from({ length: 2 * samples }, () => 0.2 * random.normal()));
}

/** Processor time of `work`, s: unlike the clock, it does not count what other programs take. */
function processorSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Millions of complex samples per second of processor time that only converting cu8 to float takes. */
function conversionSpeed(bytes: Uint8Array): number {
  const table = Float32Array.from({ length: 256 }, (_, byte) => (byte - 127.4) / 128);
  const out = new Float32Array(bytes.length);
  const convert = () => {
    for (let n = 0; n < bytes.length; n++) out[n] = table[bytes[n]];
  };
  for (let round = 0; round < ROUNDS; round++) convert();
  const seconds = processorSeconds(() => {
    for (let round = 0; round < 4 * ROUNDS; round++) convert();
  });
  return (4 * ROUNDS * BLOCK) / seconds / 1e6;
}

export interface RadioSpeed {
  mode: string;
  /** Input rate, S/s. */
  rate: number;
  /** Million complex samples per second of processor time. */
  speed: number;
  /** Times the time of a bare conversion from cu8 to float in the same run. */
  conversions: number;
  /** Share of a core that live use takes, percent. */
  load: number;
  latencyMs: number;
}

/** Speed of the receiver in every mode, on noise. */
export function radioSpeeds(): RadioSpeed[] {
  const bytes = noise(BLOCK);
  const conversion = conversionSpeed(bytes);
  return RATES.flatMap((rate) =>
    MODES.map((mode) => {
      const receiver = new Receiver({ inputRate: rate, centreHz: 100e6, tuneHz: 100.02e6, mode });
      for (let round = 0; round < 4; round++) receiver.process(bytes);
      const seconds = processorSeconds(() => {
        for (let round = 0; round < ROUNDS; round++) receiver.process(bytes);
      });
      const speed = (ROUNDS * BLOCK) / seconds / 1e6;
      return {
        mode,
        rate,
        speed,
        conversions: conversion / speed,
        load: (100 * rate) / speed / 1e6,
        latencyMs: 1000 * receiver.latencySeconds,
      };
    }),
  );
}

/** `npm run bench radio`. */
export const radio: Bench = {
  name: 'radio',
  about: 'Demodulating cu8 samples, processor time of one core (× conversion: of bytes to floats alone)',
  async run(): Promise<Measurement[]> {
    return radioSpeeds().map(({ mode, rate, speed, conversions, load, latencyMs }) => ({
      what: `${mode} at ${rate / 1e6} MS/s (${conversions.toFixed(0)} × conversion, live ${load.toFixed(1)} %, ${latencyMs.toFixed(1)} ms)`,
      value: speed,
      unit: 'MS/s',
      ...(rate === RATES[0] ? { promise: { atLeast: PROMISE } } : {}),
    }));
  },
};
