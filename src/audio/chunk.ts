/** A stretch of audio as it flows through the streams: what sources emit, transforms change, and sinks consume. */
export interface AudioChunk {
  /** One array per channel, all of the same length, full scale ±1. */
  samples: Float32Array[];
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Index of the first sample since the source started, in samples at `sampleRate`; lost samples count. */
  firstSample: bigint;
  /** Set when samples before this chunk were lost: how many (at `sampleRate`; `undefined` if unknown) and why. */
  discontinuity?: { lostSamples?: bigint; reason: string };
}
