/** What `denoise serve` and its clients say as text, JSON. Laid out in docs/serve.md. Runs in browsers: no import of Node's. */
import type { AudioCodec } from '../web/audio-frame.js';
import type { WireError } from '../web/wire-error.js';

/** Subprotocol of the WebSocket; the number rises when something here changes its meaning, not when something is added. */
export const SERVE_PROTOCOL = 'denoise.serve.v1';
export const SERVE_VERSION = 1;
/** Path of the WebSocket. */
export const SERVE_PATH = '/stream';

/** What a stream is. */
export interface StreamFormat {
  /** Hz, 8000 to 192 000. */
  sampleRate: number;
  /** 1 or 2. */
  channels: number;
  /** How samples cross the wire, both ways. */
  codec: AudioCodec;
}

/** Everything that a client sends as text. */
export type ServeClientMessage =
  | ({
      type: 'start';
      token?: string;
      /** How much of the noise is taken out, 0 … 1; default 1. */
      strength?: number;
      /** Whether music is left in, as `--music` of the command line; default `auto`. */
      music?: 'auto' | 'on' | 'off';
    } & StreamFormat)
  | { type: 'end' };

/** Everything that the server sends as text. */
export type ServeMessage =
  /** The first message. */
  | { type: 'hello'; protocol: number; program: string; needsToken: boolean }
  /** Audio may come now. Output trails by `latencySamples` until the end, Opus by `codecDelaySamples` more. */
  | ({
      type: 'started';
      stream: string;
      model: string;
      latencySamples: number;
      codecDelaySamples: number;
    } & StreamFormat)
  /** All audio of the stream has been given back; the connection closes. */
  | { type: 'ended'; samples: number }
  /** The server shuts down; in so many seconds it ends the streams that are left, with their last samples. */
  | { type: 'draining'; seconds: number }
  /** What the client sent was refused; the connection closes. */
  | { type: 'error'; error: WireError };
