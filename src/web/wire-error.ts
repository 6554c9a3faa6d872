/** An error as it crosses a WebSocket: the form that errors of the program have in `--json`. */
export interface WireError {
  /** Stable across versions. */
  code: string;
  /** One sentence: what happened and why. */
  message: string;
  /** What to do about it. */
  hint?: string;
}
