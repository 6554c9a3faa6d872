import { Random } from '../../../src/random.js';
import type { Mode } from '../../../streams/radio/modes.js';
import { throughAir } from '../../../streams/radio/modulate/air.js';
import { modulateAm } from '../../../streams/radio/modulate/am.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { modulateSsb } from '../../../streams/radio/modulate/ssb.js';
import type { ReceivedAudio } from '../../../streams/radio/received-audio.js';
import type { ReceiverOptions } from '../../../streams/radio/receiver-options.js';

export const AUDIO_RATE = 48_000;

/** Half of what is allowed: the pre-emphasised tones would be limited otherwise. */
const WBFM_DEVIATION_HZ = 37_500;

/** Forty tones of random phase within 420…2480 Hz, together of power 0.04: flat like noise, yet of known power. */
export function tones(seconds: number, seed = 1): Float32Array {
  const random = new Random(seed);
  const partials = Array.from({ length: 40 }, (_, k) => ({
    hz: 420 + (2060 * (k + random.next())) / 40,
    phase: 2 * Math.PI * random.next(),
  }));
  const amplitude = Math.sqrt((2 * 0.04) / partials.length);
  return Float32Array.from({ length: Math.round(seconds * AUDIO_RATE) }, (_, n) =>
    partials.reduce(
      (sum, { hz, phase }) => sum + amplitude * Math.sin((2 * Math.PI * hz * n) / AUDIO_RATE + phase),
      0,
    ),
  );
}

/** Width of each mode's channel, in which carrier-to-noise ratios are stated, Hz. */
export const CHANNEL_HZ = {
  wbfm: 180_000,
  nbfm: 16_000,
  am: 10_000,
  sam: 10_000,
  usb: 2_700,
  lsb: 2_700,
} as const;
export type VoiceMode = keyof typeof CHANNEL_HZ;

export function modulate(mode: Mode, audio: Float32Array, rate: number): Float32Array {
  const rates = { audioRate: AUDIO_RATE, rate };
  switch (mode) {
    case 'wbfm':
      return modulateFm(audio, {
        ...rates,
        deviationHz: WBFM_DEVIATION_HZ,
        audioHz: 15_000,
        preEmphasisUs: 75,
      });
    case 'nbfm':
      return modulateFm(audio, { ...rates, deviationHz: 5_000, audioHz: 3_500 });
    case 'am':
    case 'sam':
      return modulateAm(audio, { ...rates, depth: 0.8 });
    case 'usb':
    case 'lsb':
      return modulateSsb(audio, { ...rates, sideband: mode });
    default:
      throw new Error(`no modulator for ${mode}`);
  }
}

/**
 * Signal-to-noise ratio in 400…2500 Hz that an ideal demodulator reaches on `tones`, dB: noise of density N0 beside a
 * signal of power C becomes N0/C·f² in Hz² (FM), N0/C (AM, relative to the carrier) and N0 per power (side-band).
 */
export function idealSnr(mode: VoiceMode, cnrDb: number): number {
  const ratio = 10 ** (cnrDb / 10) * CHANNEL_HZ[mode];
  const power = 0.04;
  switch (mode) {
    case 'nbfm':
      return 10 * Math.log10((power * 5_000 ** 2 * ratio * 3) / (2_500 ** 3 - 400 ** 3));
    case 'wbfm': {
      // Both the tones and the noise pass the de-emphasis; the tones were raised by as much before, the noise was not.
      let noise = 0;
      for (let f = 400; f < 2_500; f += 10) noise += (10 * f * f) / (1 + (2 * Math.PI * f * 75e-6) ** 2);
      return 10 * Math.log10((power * WBFM_DEVIATION_HZ ** 2 * ratio) / noise);
    }
    case 'am':
    case 'sam': {
      // The ratio is to the power of carrier and side-bands together.
      const m = 0.8 * 0.8 * power;
      return 10 * Math.log10(((m / (1 + m)) * ratio) / 2_100);
    }
    case 'usb':
    case 'lsb':
      return 10 * Math.log10(ratio / 2_100);
  }
}

export const RATE = 250_000;
/** A receiver on a station beside its middle. */
export const BASE: ReceiverOptions = { inputRate: RATE, centreHz: 145e6, tuneHz: 145.02e6, mode: 'nbfm' };

export function air(iq: Float32Array, offsetHz: number, cnrDb: number, level = 0.2): Float32Array {
  return throughAir(iq, { rate: RATE, offsetHz, cnrDb, channelHz: 16_000, level, seed: 5 });
}

export const rms = (x: Float32Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
export const peak = (x: Float32Array) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
/** Noise alone, as strong as a 16 dB signal's. */
export const noise = (seconds: number) =>
  air(new Float32Array(2 * Math.round(seconds * RATE)).fill(1e-9), 0, -90, 0.2 * 10 ** (-106 / 20));

/** The audio with silence where the squelch is shut. */
export function gated({ audio, stretches }: ReceivedAudio): Float32Array {
  const heard = new Float32Array(audio.length);
  let from = 0;
  for (const { count, state } of stretches) {
    if (state.squelchOpen) heard.set(audio.subarray(from, from + count), from);
    from += count;
  }
  return heard;
}
