import type { Random } from '../../src/random.js';
import type { Mode } from '../../streams/radio/modes.js';

/** One way that a voice can come over the radio: transmitter, air and receiver. */
export interface VoiceScene {
  mode: Exclude<Mode, 'cw'>;
  /** Complex samples per second, Hz. */
  rate: number;
  /** Width of the receiver's channel, Hz. */
  bandwidthHz: number;
  /** FM only: deviation of a voice of ±1, Hz; time constants of transmitter and receiver, µs, 0 for none. */
  deviationHz: number;
  preEmphasisUs: number;
  deemphasisUs: number;
  /** AM only: modulation that a voice of ±1 gives, and whether the receiver divides by the carrier. */
  depth: number;
  normalise: boolean;
  /** Mean power of the signal over the noise in `nominalHz`, dB. */
  cnrDb: number;
  nominalHz: number;
  /** How far the receiver is tuned off, Hz. */
  mistuneHz: number;
  fading: { scatterDb: number; dopplerHz: number } | undefined;
  /** Steady carriers beside the wanted one: where, Hz from it, and how strong against the signal, dB. */
  whistles: { hz: number; db: number }[];
  /** Bursts of static, as lightning makes them: how many, and how strong against the signal, dB. */
  crashes: { perSecond: number; db: number } | undefined;
  /** Thumps of a receiver whose direct current settles: when, s, how fast, s, and how strong against the audio, dB. */
  thumps: { at: number; seconds: number; db: number }[];
  /** The part of the time in which the transmitter is on, as shares of the whole. */
  keyed: [number, number];
  /** Band of the voice, Hz; its peak, and how hard it is compressed (0 not at all). */
  voice: { lowHz: number; highHz: number; peak: number; compression: number };
  /** A gain control that lifts the noise in pauses: how fast, s, and by how much at most, dB. */
  breathing: { seconds: number; mostDb: number } | undefined;
  /** RMS of the noisy audio, dBFS; less where its peak would clip. */
  levelDb: number;
  seed: number;
}

/** Shares of the modes; WBFM is rare because voice on it is, and because it needs five times the samples. */
const SHARES = [
  ['nbfm', 0.38],
  ['am', 0.25],
  ['ssb', 0.31],
  ['wbfm', 0.06],
] as const;
export type VoiceKind = (typeof SHARES)[number][0];

/** As low as the receiver's own oversampling of each channel allows: most of the time goes into samples at these rates. */
const RATES = { nbfm: 48_000, am: 24_000, ssb: 16_000, wbfm: 240_000 } as const;

function drawMode(random: Random): VoiceKind {
  let at = random.next();
  for (const [mode, share] of SHARES) {
    if (at < share) return mode;
    at -= share;
  }
  return 'nbfm';
}

/** Draws a scene, of one kind or of any; the same for the same state of `random`. */
export function drawScene(random: Random, only?: VoiceKind): VoiceScene {
  const drawn = drawMode(random);
  const kind = only ?? drawn;
  const common: VoiceScene = {
    mode: 'nbfm',
    rate: RATES[kind],
    bandwidthHz: 0,
    deviationHz: 5_000,
    preEmphasisUs: 0,
    deemphasisUs: 0,
    depth: 0.8,
    normalise: true,
    cnrDb: 0,
    nominalHz: 0,
    mistuneHz: 0,
    fading: undefined,
    whistles: [],
    crashes: undefined,
    thumps: [],
    keyed: [0, 1],
    voice: {
      lowHz: random.uniform(80, 350),
      highHz: random.uniform(2_600, 3_600),
      peak: random.uniform(0.6, 1),
      compression: random.chance(0.4) ? random.uniform(0.5, 3) : 0,
    },
    breathing: undefined,
    levelDb: random.uniform(-36, -7),
    seed: random.uint32(),
  };
  if (kind === 'nbfm') return { ...common, ...drawNarrowFm(random) };
  if (kind === 'wbfm') return { ...common, ...drawWideFm(random) };
  if (kind === 'am') return { ...common, ...drawAm(random, common) };
  return { ...common, ...drawSideband(random) };
}

/** Mostly where there is something to do; the rest also where hardly any noise is left, which must stay as it is. */
const drawRatio = (random: Random, wide: readonly [number, number], usual: readonly [number, number]) =>
  random.chance(0.3) ? random.uniform(...wide) : random.uniform(...usual);

/** From under the threshold of FM, where clicks are all there is, to where only a hiss is left. */
function drawNarrowFm(random: Random): Partial<VoiceScene> {
  const narrow = random.chance(0.3);
  const emphasis = random.next();
  const time = random.chance(0.5) ? 530 : 750;
  const gap = random.chance(0.25);
  const keyed: [number, number] = random.chance(0.5)
    ? [random.uniform(0.1, 0.4), 1]
    : [0, random.uniform(0.6, 0.9)];
  return {
    bandwidthHz: narrow ? random.uniform(9_000, 12_500) : random.uniform(13_000, 18_000),
    nominalHz: narrow ? 11_000 : 16_000,
    deviationHz: narrow ? 2_500 : 5_000,
    preEmphasisUs: emphasis < 0.3 ? time : 0,
    deemphasisUs: emphasis < 0.45 ? time : 0,
    cnrDb: drawRatio(random, [4, 40], [6, 16]),
    mistuneHz: random.chance(0.5) ? 0 : random.uniform(-600, 600),
    fading: random.chance(0.15)
      ? { scatterDb: random.uniform(-12, -2), dopplerHz: random.uniform(0.3, 8) }
      : undefined,
    ...(gap ? { keyed, levelDb: random.uniform(-24, -2) } : {}),
  };
}

function drawWideFm(random: Random): Partial<VoiceScene> {
  const time = random.chance(0.5) ? 50 : 75;
  return {
    mode: 'wbfm',
    bandwidthHz: random.uniform(160_000, 190_000),
    nominalHz: 180_000,
    deviationHz: 75_000,
    preEmphasisUs: random.chance(0.5) ? time : 0,
    deemphasisUs: time,
    cnrDb: random.uniform(3, 40),
    voice: { lowHz: 50, highHz: 6_700, peak: random.uniform(0.3, 0.8), compression: 0 },
  };
}

function drawAm(random: Random, { seed, voice }: VoiceScene): Partial<VoiceScene> {
  const fading = random.chance(0.35);
  const whistles = random.chance(0.25) ? 1 + (seed % 2) : 0;
  // Broadcasters send the bass that voice radio cuts.
  const lowHz = random.chance(0.6) ? random.uniform(30, 120) : voice.lowHz;
  return {
    mode: random.chance(0.2) ? 'sam' : 'am',
    voice: { ...voice, lowHz },
    bandwidthHz: random.uniform(6_000, 10_000),
    nominalHz: 10_000,
    depth: random.uniform(0.6, 0.95),
    normalise: random.chance(0.6),
    cnrDb: drawRatio(random, [10, 45], [14, 28]),
    mistuneHz: random.uniform(-60, 60),
    fading: fading ? { scatterDb: random.uniform(-15, -2), dopplerHz: random.uniform(0.1, 2) } : undefined,
    whistles: Array.from({ length: whistles }, () => ({
      hz: (random.chance(0.5) ? 1 : -1) * random.uniform(300, 4_500),
      db: random.uniform(-35, -12),
    })),
    thumps: random.chance(0.3)
      ? Array.from({ length: 3 }, () => ({
          at: random.uniform(0, 8),
          seconds: random.uniform(0.005, 0.1),
          db: random.uniform(-6, 14),
        }))
      : [],
    crashes: random.chance(0.12)
      ? { perSecond: random.uniform(0.2, 2), db: random.uniform(-5, 12) }
      : undefined,
  };
}

function drawSideband(random: Random): Partial<VoiceScene> {
  const mode = random.chance(0.65) ? 'usb' : 'lsb';
  return {
    mode,
    bandwidthHz: random.uniform(2_300, 3_000),
    nominalHz: 2_700,
    cnrDb: drawRatio(random, [0, 40], [3, 16]),
    mistuneHz: random.chance(0.5) ? 0 : random.uniform(-50, 50),
    fading: random.chance(0.2)
      ? { scatterDb: random.uniform(-12, 0), dopplerHz: random.uniform(0.1, 1) }
      : undefined,
    whistles: random.chance(0.12)
      ? [{ hz: (mode === 'usb' ? 1 : -1) * random.uniform(300, 2_700), db: random.uniform(-30, -8) }]
      : [],
    crashes: random.chance(0.2)
      ? { perSecond: random.uniform(0.2, 2), db: random.uniform(0, 15) }
      : undefined,
    breathing: random.chance(0.35)
      ? { seconds: random.uniform(0.1, 1.5), mostDb: random.uniform(6, 24) }
      : undefined,
  };
}
