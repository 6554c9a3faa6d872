import type { MusicChoice } from '../../engine/music-choice.js';

/** Options of `denoise live` as commander gives them. */
export interface LiveCommandOptions {
  source: string;
  /** Name of a channel that was kept. */
  channel?: string;
  /** Names of channels and band plans, with commas between. */
  scan?: string;
  region?: string;
  priority?: string;
  scanDelay?: number;
  scanMost?: number;
  activity?: string;
  freq?: string;
  mode?: string;
  rate?: string;
  gain?: string;
  ppm?: number;
  squelch?: string;
  bandwidth?: string;
  ctcss?: string;
  dcs?: string;
  deemphasis?: string;
  agc?: string;
  blanker: boolean;
  dcRemoval: boolean;
  iqBalance: boolean;
  autoNotch: boolean;
  notch: string[];
  centre?: string;
  format?: string;
  directSampling?: string;
  biasTee?: boolean;
  raw?: string;
  out: string[];
  recordIq?: string;
  rotate?: string;
  duration?: number;
  fast?: boolean;
  loop?: boolean;
  model?: string;
  device: string;
  strength: number;
  denoise: boolean;
  music: MusicChoice;
  capture?: string;
  retune?: string;
  /** Address of the page; true for the usual one. */
  monitor?: string | true;
  monitorCert?: string;
  monitorKey?: string;
  monitorReadOnly?: boolean;
  monitorLog?: string;
  force?: boolean;
  json?: boolean;
  quiet?: boolean;
}
