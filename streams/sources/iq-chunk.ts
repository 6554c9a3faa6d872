/** How one I or Q value is stored; interleaved I, Q, I, Q, … in every format. */
export type IqFormat = 'cu8' | 'cs8' | 'cs16' | 'cf32';

/** The array that holds each format's samples. */
export type IqSamples = Uint8Array | Int8Array | Int16Array | Float32Array;

/** A stretch of complex baseband as a radio source emits it: what `streams/sources/` make and `streams/radio/` demodulate. */
export interface IqChunk {
  /**
   * Interleaved I, Q; always a whole number of complex samples (even length). `Uint8Array` for `cu8` (zero lies at
   * 127.4), `Int8Array` for `cs8`, `Int16Array` for `cs16`, `Float32Array` (full scale ±1) for `cf32`.
   */
  samples: IqSamples;
  /** Storage format of `samples`; it must fit the array's type. */
  format: IqFormat;
  /** Complex samples per second, Hz. */
  sampleRate: number;
  /** Radio frequency at 0 Hz of the baseband, Hz. */
  centreHz: number;
  /** Index of the first complex sample since the source started, at `sampleRate`; lost samples count. */
  firstSample: bigint;
  /** Set when samples before this chunk were lost: how many complex samples (`undefined` if unknown) and why. */
  discontinuity?: { lostSamples?: bigint; reason: string };
}
