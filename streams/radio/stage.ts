/** What every stage of the radio has in common. */
export interface Stage<Config> {
  /** What the stage was built from; never changed. */
  readonly config: Readonly<Config>;
  /** Delay in samples at the stage's input rate; may be fractional. */
  readonly latency: number;
  /** Back to the state after construction. */
  reset(): void;
  /** A new stage of the same configuration, in its initial state. */
  clone(): Stage<Config>;
}

/** A stage that turns planar complex samples into as many real ones. */
export interface Demodulator<Config = unknown> extends Stage<Config> {
  /** Demodulates `i`, `q` at `[from, from + count)` into `out` at the same places. */
  process(i: Float32Array, q: Float32Array, from: number, count: number, out: Float32Array): void;
  /** Mean frequency of the carrier since the last call, Hz from the middle of the channel; NaN where there is none. */
  takeCarrierHz(): number;
  /** AM: sum, since the last call, of the direct current that was taken out because the carrier had fallen. */
  takeOffset?(): number;
}
