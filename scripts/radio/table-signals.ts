/** The signals of the receivers' table in docs/radio.md: one voice, sent in every mode and spoilt in one way each. */
import type { Mode } from '../../streams/radio/modes.js';
import { toCu8 } from '../../streams/radio/modulate/air.js';
import { modulateAm } from '../../streams/radio/modulate/am.js';
import { modulateFm } from '../../streams/radio/modulate/fm.js';
import { modulateSsb } from '../../streams/radio/modulate/ssb.js';
import {
  addImpulses,
  addNoise,
  addSecondPath,
  addSpike,
  fadeSlowly,
  jump,
  rmsOf,
  shift,
  unbalance,
} from './impairments.js';

export interface TableSignal {
  name: string;
  mode: Exclude<Mode, 'cw' | 'sam' | 'lsb'>;
  /** cu8 samples per second, Hz; the signal lies `offsetHz` from the centre. */
  rate: number;
  offsetHz: number;
  bytes: Uint8Array;
}

interface Spoiling {
  cnrDb?: number;
  offsetHz?: number;
  /** RMS of the signal, full scale 1. Default 0.2. */
  level?: number;
  driftHzPerSecond?: number;
  neighbour?: { hz: number; db: number };
  /** Something done to the signal before it is moved to its place and noise is added. */
  air?: (iq: Float32Array, rate: number, level: number) => void;
  /** Something done to all that the receiver gets. */
  receiver?: (iq: Float32Array, rate: number, level: number) => void;
}

const RATE = 240_000;
export const AUDIO_RATE = 48_000;
/** Signal over noise in the channel unless told otherwise, dB: the voice is then some 20 dB over its noise. */
const USUAL_CNR_DB = { wbfm: 30, nbfm: 25, am: 35, usb: 22 } as const;
const CHANNEL_HZ = { wbfm: 180_000, nbfm: 16_000, am: 10_000, usb: 2_700 } as const;

function modulate(mode: TableSignal['mode'], audio: Float32Array): Float32Array {
  const rates = { audioRate: AUDIO_RATE, rate: RATE };
  if (mode === 'wbfm')
    return modulateFm(audio, { ...rates, deviationHz: 75_000, audioHz: 15_000, preEmphasisUs: 50 });
  if (mode === 'nbfm') return modulateFm(audio, { ...rates, deviationHz: 5_000, audioHz: 3_000 });
  if (mode === 'am') return modulateAm(audio, rates);
  return modulateSsb(audio, { ...rates, sideband: 'usb' });
}

function signal(
  name: string,
  mode: TableSignal['mode'],
  voice: Float32Array,
  spoiling: Spoiling,
): TableSignal {
  const {
    cnrDb = USUAL_CNR_DB[mode],
    offsetHz = 30_000,
    level = 0.2,
    driftHzPerSecond,
    neighbour,
    air,
    receiver,
  } = spoiling;
  const iq = modulate(mode, voice);
  const scale = level / rmsOf(iq);
  for (let n = 0; n < iq.length; n++) iq[n] *= scale;
  air?.(iq, RATE, level);
  shift(iq, RATE, offsetHz, driftHzPerSecond);
  if (neighbour !== undefined) {
    // The same speech, later: another transmitter that modulates as much.
    const half = voice.length >> 1;
    const other = modulate(
      mode,
      Float32Array.from(voice, (_, n) => voice[(n + half) % voice.length]),
    );
    const strength = (level / rmsOf(other)) * 10 ** (neighbour.db / 20);
    shift(other, RATE, offsetHz + neighbour.hz);
    for (let n = 0; n < iq.length; n++) iq[n] += strength * other[n];
  }
  addNoise(iq, { rate: RATE, channelHz: CHANNEL_HZ[mode], cnrDb, level, seed: 7 });
  receiver?.(iq, RATE, level);
  return { name, mode, rate: RATE, offsetHz, bytes: toCu8(iq) };
}

/** Signal by signal, made when it is asked for: each takes some 4 MB for 8 s. */
export function* tableSignals(voice: Float32Array): Generator<TableSignal> {
  const make = (name: string, mode: TableSignal['mode'], spoiling: Spoiling = {}) =>
    signal(name, mode, voice, spoiling);
  const impulses = { perSecond: 1000, seconds: 10e-6, db: 40 };
  const pulses: Spoiling['receiver'] = (iq, rate, level) => addImpulses(iq, rate, impulses, level, 3);
  yield make('NBFM, 25 dB', 'nbfm');
  yield make('NBFM, 12 dB', 'nbfm', { cnrDb: 12 });
  yield make('NBFM, drifting 200 Hz/s', 'nbfm', { driftHzPerSecond: 200 });
  yield make('NBFM, neighbour 25 kHz, +30 dB', 'nbfm', { level: 0.01, neighbour: { hz: 25_000, db: 30 } });
  yield make('NBFM, fading 3 Hz, 20 dB', 'nbfm', { air: (iq, rate) => fadeSlowly(iq, rate, 3, 20) });
  yield make('NBFM, impulses +40 dB', 'nbfm', { level: 0.01, receiver: pulses });
  yield make('NBFM at the centre, DC spike 0 dB', 'nbfm', {
    offsetHz: 0,
    receiver: (iq, _, level) => addSpike(iq, level, 0),
  });
  yield make('NBFM, image of a +20 dB neighbour', 'nbfm', {
    level: 0.03,
    neighbour: { hz: -60_000, db: 20 },
    receiver: (iq) => unbalance(iq, 1, 3),
  });
  yield make('WBFM, 30 dB', 'wbfm', { offsetHz: 0 });
  yield make('WBFM, 15 dB', 'wbfm', { offsetHz: 0, cnrDb: 15 });
  yield make('AM, 35 dB', 'am');
  yield make('AM, 22 dB', 'am', { cnrDb: 22 });
  yield make('AM, fading 0.3 Hz, 20 dB', 'am', { air: (iq, rate) => fadeSlowly(iq, rate, 0.3, 20) });
  yield make('AM, jumps of 20 dB', 'am', { air: (iq, rate) => jump(iq, rate, 1.5, 20) });
  yield make('AM, selective fading', 'am', { air: (iq, rate) => addSecondPath(iq, rate, 0.4e-3, 0.4, 0.8) });
  yield make('AM, neighbour 10 kHz, +20 dB', 'am', { level: 0.03, neighbour: { hz: 10_000, db: 20 } });
  yield make('AM, impulses +40 dB', 'am', { level: 0.01, receiver: pulses });
  yield make('AM near the centre, DC spike 0 dB', 'am', {
    offsetHz: 150,
    receiver: (iq, _, level) => addSpike(iq, level, 0),
  });
  yield make('USB, 22 dB', 'usb');
  yield make('USB, 10 dB', 'usb', { cnrDb: 10 });
  yield make('USB, fading 0.3 Hz, 20 dB', 'usb', { air: (iq, rate) => fadeSlowly(iq, rate, 0.3, 20) });
  yield make('USB, neighbour 4 kHz, +20 dB', 'usb', { level: 0.03, neighbour: { hz: 4_000, db: 20 } });
  yield make('USB, impulses +40 dB', 'usb', { level: 0.01, receiver: pulses });
  yield make('USB, carrier at 1 kHz, +10 dB', 'usb', {
    level: 0.05,
    receiver: (iq, rate, level) => {
      for (let n = 0; n < iq.length / 2; n++) {
        const angle = (2 * Math.PI * 31_000 * n) / rate;
        iq[2 * n] += level * Math.sqrt(10) * Math.cos(angle);
        iq[2 * n + 1] += level * Math.sqrt(10) * Math.sin(angle);
      }
    },
  });
}
