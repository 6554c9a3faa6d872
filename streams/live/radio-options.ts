import type { AgcSpeed } from '../radio/agc.js';
import type { SquelchCode } from '../radio/code-squelch.js';
import type { Mode } from '../radio/modes.js';
import type { Defences } from '../radio/receiver-options.js';
import type { SquelchOptions } from '../radio/squelch.js';

/** What to receive, and what to do against interference. */
export interface RadioOptions extends Defences {
  /** Hz; default the source's centre frequency. */
  frequencyHz?: number;
  /** Default `nbfm`. */
  mode?: Mode;
  /** Default off. */
  squelch?: SquelchOptions;
  /** Hz; default what the mode needs, 48 000 for WBFM, else 16 000, also when it is changed. */
  audioRate?: number;
  /** Width of the channel in the mode that the session begins with, Hz; every mode remembers its own. */
  bandwidthHz?: number;
  /** De-emphasis, µs, 0 for none: of NBFM, if the session begins with that (default none), else of WBFM (default 75). */
  deemphasisUs?: number;
  /** Gain control of AM, side-band and CW; default `slow`. */
  agc?: AgcSpeed;
}

/** Where somebody is heard, and how. */
export interface RadioChannel {
  /** Hz. */
  frequencyHz: number;
  mode: Mode;
  /** Default off. */
  squelch?: SquelchOptions;
  /** NBFM that comes without it is not heard. Default: all is. */
  squelchCode?: SquelchCode;
  /** Hz; default the mode's. */
  bandwidthHz?: number;
}
