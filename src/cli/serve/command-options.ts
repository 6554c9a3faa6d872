/** The options of `denoise serve`, as commander gives them. */
export interface ServeCommandOptions {
  listen: string;
  origin: string[];
  cert?: string;
  key?: string;
  model?: string;
  device: string;
  workers: number;
  batch: number;
  maxStreams: number;
  drain: number;
  logLevel: string;
  json?: boolean;
  quiet?: boolean;
}
