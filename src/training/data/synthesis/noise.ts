import type { Random } from '../../../random.js';
import { synthesiseClicks } from './clicks.js';
import { synthesiseEngine } from './engine.js';
import { synthesiseHum } from './hum.js';
import { synthesiseKeyboard } from './keyboard.js';
import { synthesiseRain } from './rain.js';
import { synthesiseSiren } from './siren.js';
import { synthesiseWind } from './wind.js';

/** Makes a noise: `out` `[samples]` holds zeros and is filled, at any level. */
export type NoiseGenerator = (out: Float32Array, sampleRate: number, random: Random) => void;

/** Noises that need no recording: what a corpus of a few hours holds too little of, in endless variety. */
export const noiseGenerators: Readonly<Record<string, NoiseGenerator>> = {
  hum: synthesiseHum,
  siren: synthesiseSiren,
  engine: synthesiseEngine,
  rain: synthesiseRain,
  wind: synthesiseWind,
  clicks: synthesiseClicks,
  keyboard: synthesiseKeyboard,
};
const all = Object.values(noiseGenerators);

/** Fills `out`, which holds zeros, with one of the {@link noiseGenerators}, drawn evenly. */
export function synthesiseNoise(out: Float32Array, sampleRate: number, random: Random): void {
  all[random.integer(all.length)]!(out, sampleRate, random);
}
