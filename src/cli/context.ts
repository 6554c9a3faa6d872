import type { Output } from './output.js';

/** What every command gets. */
export interface CommandContext {
  output: Output;
  /** Aborted on Ctrl-C; its reason is to be thrown on. */
  signal: AbortSignal;
  /** A command that failed without throwing (one file of several) says so here; 0 until then. */
  exitCode: number;
}
