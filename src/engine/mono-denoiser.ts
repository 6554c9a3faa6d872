/**
 * One channel of audio in, the same channel without noise out: what the engine's streams give to everything above.
 *
 * The output is aligned: the latency of the model is already taken out, so that output sample n belongs to input sample n,
 * and after {@link flush} exactly as many samples came out as went in.
 */
export interface MonoDenoiser {
  /** Rate that the model was trained for, Hz. Input and output have it. */
  readonly sampleRate: number;
  /** By how many samples the output trails the input while streaming. */
  readonly latencySamples: number;

  /**
   * Feeds the next samples; calls must not overlap.
   * @param samples `[any number]`, full scale ±1. Not kept and not changed.
   * @returns `[as many as are ready]`, possibly none; the caller owns it.
   */
  process(samples: Float32Array): Promise<Float32Array>;

  /** The samples still owed; afterwards only {@link reset} may be called. */
  flush(): Promise<Float32Array>;

  /** Forgets everything that was heard: ready for another recording. */
  reset(): void;
}
