/** What the receiver knows about the signal that a chunk was made from. Sources of audio leave it out. */
export interface SignalState {
  /** False while the squelch is shut. The samples are there all the same: `Gate`, the last stage, silences them. */
  squelchOpen?: boolean;
  /** Set on the last samples before the squelch shuts, as far as is known in time: noise after a transmission. */
  squelchClosing?: boolean;
  /**
   * Signal-to-noise ratio at the end of the chunk, dB, smoothed over 40 ms (AM: 80 ms). FM and AM: carrier to noise in
   * the channel; side-band and CW: power over the noise floor.
   */
  snrDb?: number;
  /** Power in the channel at the end of the chunk, dBFS, smoothed over 40 ms. */
  carrierDb?: number;
}

/** A stretch of audio as it flows through the streams: what sources emit, transforms change, and sinks consume. */
export interface AudioChunk extends SignalState {
  /** One array per channel, all of the same length, full scale ±1. */
  samples: Float32Array[];
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Index of the first sample since the source started, in samples at `sampleRate`; lost samples count. */
  firstSample: bigint;
  /** Set when samples before this chunk were lost: how many (at `sampleRate`; `undefined` if unknown) and why. */
  discontinuity?: { lostSamples?: bigint; reason: string };
}
