import { UsageError } from '../../src/errors.js';

/** `sam` is AM by a phase-locked loop on the carrier, `am` by the envelope. */
export const MODES = ['wbfm', 'nbfm', 'am', 'sam', 'usb', 'lsb', 'cw'] as const;
export type Mode = (typeof MODES)[number];

export interface ModeDefaults {
  /** Width of the channel, Hz. */
  bandwidthHz: number;
  /** Slope of the channel filter, as a share of the bandwidth. */
  transition: number;
  /** Lowest rate of the channel's samples, as a multiple of the bandwidth, and at least in Hz. */
  oversampling: number;
  leastRate: number;
  /** Frequency deviation of full modulation, Hz; FM only. */
  deviationHz: number;
  /** De-emphasis, µs; 0 for none. */
  deemphasisUs: number;
  /** Highest frequency in the audio, as a share of the bandwidth, and at most in Hz. */
  audioShare: number;
  mostAudioHz: number;
  /** Lowest frequency in the audio (side-band) or its pitch (CW), Hz. */
  toneHz: number;
  agc: 'off' | 'slow';
  afc: boolean;
  /** Take out carriers that stay: in FM there are none, in CW they are the signal. */
  autoNotch: boolean;
  /** Default threshold of the squelch by noise, dB: noise alone reads 2 (FM) or 5 (AM, whose carrier it feigns). */
  squelchDb: number;
  /** How long the squelch stays open in pauses, s. */
  hangSeconds: number;
}

const FM: ModeDefaults = {
  bandwidthHz: 16_000,
  transition: 0.125,
  oversampling: 2.5,
  leastRate: 0,
  deviationHz: 5_000,
  deemphasisUs: 0,
  audioShare: 0.45,
  mostAudioHz: 4_000,
  toneHz: 0,
  agc: 'off',
  afc: true,
  autoNotch: false,
  squelchDb: 6,
  hangSeconds: 0.05,
};

const AM: ModeDefaults = {
  ...FM,
  bandwidthHz: 10_000,
  transition: 0.1,
  oversampling: 2,
  mostAudioHz: 20_000,
  agc: 'slow',
  autoNotch: true,
  squelchDb: 9,
  hangSeconds: 0.3,
};

const SSB: ModeDefaults = {
  ...AM,
  bandwidthHz: 2_700,
  transition: 0.11,
  oversampling: 3.7,
  leastRate: 8_000,
  audioShare: 1,
  toneHz: 200,
  afc: false,
  squelchDb: 6,
  hangSeconds: 0.8,
};

const DEFAULTS: Record<Mode, ModeDefaults> = {
  // 1.2 times 180 kHz: the discriminator needs little room, and 250 kS/s must do without decimation.
  wbfm: {
    ...FM,
    bandwidthHz: 180_000,
    transition: 0.11,
    oversampling: 1.2,
    deviationHz: 75_000,
    deemphasisUs: 75,
    mostAudioHz: 15_000,
    afc: false,
  },
  nbfm: FM,
  am: AM,
  sam: AM,
  usb: SSB,
  lsb: SSB,
  cw: { ...SSB, bandwidthHz: 500, transition: 0.4, toneHz: 700, autoNotch: false },
};

/** Rates of the audio of a live radio, Hz: no mode but WBFM sends more than 5 kHz, and the models' own rate saves time. */
const VOICE_RATE = 16_000;
export const MUSIC_RATE = 48_000;

/** The rate at which the audio of a mode is complete, Hz. */
export function audioRateOf(mode: Mode): number {
  return mode === 'wbfm' ? MUSIC_RATE : VOICE_RATE;
}

/** What a mode uses unless told otherwise. @throws UsageError for an unknown mode. */
export function modeDefaults(mode: string): ModeDefaults {
  const found = Object.hasOwn(DEFAULTS, mode) ? DEFAULTS[mode as Mode] : undefined;
  if (found === undefined) {
    throw new UsageError('E_MODE', `There is no mode "${mode}".`, {
      hint: `Use one of ${MODES.join(', ')}.`,
    });
  }
  return found;
}
