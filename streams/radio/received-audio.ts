import type { Stretch } from '../signal-track.js';

export interface ReceiverStatus {
  /** Frequency tuned to, without the automatic correction, Hz. */
  frequencyHz: number;
  /** Automatic frequency correction, Hz. */
  afcHz: number;
  /** Power in the channel, dBFS. */
  levelDb: number;
  /** FM, AM: carrier-to-noise ratio in the channel; side-band, CW: power over the noise floor. dB. */
  snrDb: number;
  squelchOpen: boolean;
  /** Sub-audible tone under NBFM, Hz. */
  ctcssHz: number | undefined;
  agcGainDb: number;
  /** Samples so far that were no numbers, or beyond any signal: silence instead. */
  brokenSamples: number;
  /** Pulses so far that the noise blanker took out. */
  blankedPulses: number;
  /** Pitches of whistles that are taken out now, Hz. */
  notchHz: readonly number[];
  /** NBFM: how far the station swings when it talks, Hz; `undefined` before 2 s of talk. */
  deviationHz: number | undefined;
  /** NBFM: what is received is keyed (DMR, P25, data) and no voice. */
  isDigital: boolean;
}

/** The status of a receiver that has heard nothing. */
export function emptyStatus(): ReceiverStatus {
  return {
    frequencyHz: 0,
    afcHz: 0,
    levelDb: Number.NEGATIVE_INFINITY,
    snrDb: 0,
    squelchOpen: false,
    ctcssHz: undefined,
    agcGainDb: 0,
    brokenSamples: 0,
    blankedPulses: 0,
    notchHz: [],
    deviationHz: undefined,
    isDigital: false,
  };
}

/** What `Receiver.process` gives. */
export interface ReceivedAudio {
  /** Audio made of the samples given, whether the squelch is open or not; valid until the next call. */
  audio: Float32Array;
  /** The audio once more, in stretches of one state of the squelch: their counts add up to its length. */
  stretches: Stretch[];
  /** The same object at every call, with the values at the end of the samples given. */
  status: Readonly<ReceiverStatus>;
}
