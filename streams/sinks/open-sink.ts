import { extname } from 'node:path';
import { UsageError } from '../../src/errors.js';
import type { AudioSink, SinkFormat } from './audio-sink.js';
import { NullSink } from './null-sink.js';
import { PcmSink } from './pcm-sink.js';
import { SpeakerSink } from './speaker.js';
import { openVirtualMic } from './virtual-mic.js';
import { WavSink } from './wav-sink.js';

/** What `--out` names. */
export type SinkSpec =
  | { kind: 'speaker'; device?: string }
  | { kind: 'virtual-mic' }
  | { kind: 'wav'; path: string }
  | { kind: 'stdout' }
  | { kind: 'none' };

/** Format of the audio that a live session sends. */
export interface LiveFormat extends SinkFormat {
  /** The audio comes from a source with a clock of its own: a speaker absorbs the drift, and never delays it. Default false. */
  live?: boolean;
  /** Highest rate that may come later, Hz: a speaker is opened at this rate, and does not stop for a change. */
  highestRate?: number;
}

export interface OpenSinkOptions {
  /** Replace a recording that is there; default false. */
  overwrite?: boolean;
  /** A recording that is never replaced, by whatever name: the source. */
  keep?: string;
  /** Recordings: begins another file after so many seconds of audio. */
  rotateSeconds?: number;
  /** Recordings: begins another file before one holds more than so many bytes of samples. */
  rotateBytes?: number;
}

const WAV_ENDINGS = ['.wav', '.wave'];

/**
 * Reads a destination as the command line names it: `speaker[:DEVICE]`, `virtual-mic`, `FILE.wav`, `-`, `none`.
 *
 * @throws UsageError `E_SINK` when it names nothing.
 */
export function parseSinkSpec(text: string): SinkSpec {
  if (text === '-') return { kind: 'stdout' };
  if (text === 'none' || text === 'virtual-mic') return { kind: text };
  const speaker = /^speaker(?::(.+))?$/s.exec(text);
  if (speaker !== null)
    return speaker[1] === undefined ? { kind: 'speaker' } : { kind: 'speaker', device: speaker[1] };
  if (WAV_ENDINGS.includes(extname(text).toLowerCase())) return { kind: 'wav', path: text };
  throw new UsageError('E_SINK', `"${text}" is not an output.`, {
    hint: 'Outputs: speaker[:DEVICE], virtual-mic, FILE.wav, - (raw samples on stdout), none.',
  });
}

/**
 * Opens a destination.
 *
 * @param destination as on the command line, or parsed by {@link parseSinkSpec}. @param format as `LiveSession` tells it.
 * @throws UsageError `E_SINK` when it names nothing, `E_SINK_OPTION` for an option of recordings where there is none; DeviceError without a program that plays; OutputError when a file
 *   cannot be made, or is there already.
 */
export async function openSink(
  destination: string | SinkSpec,
  { sampleRate, channels, live = false, highestRate = sampleRate }: LiveFormat,
  options: OpenSinkOptions = {},
): Promise<AudioSink> {
  const spec = typeof destination === 'string' ? parseSinkSpec(destination) : destination;
  const format = { sampleRate, channels };
  if (spec.kind !== 'wav') refuseOptions(spec.kind, options);
  switch (spec.kind) {
    case 'speaker':
      return SpeakerSink.open({
        channels,
        sampleRate: Math.max(sampleRate, highestRate),
        live,
        ...(spec.device === undefined ? {} : { device: spec.device }),
      });
    case 'virtual-mic':
      return openVirtualMic({ channels, sampleRate: Math.max(sampleRate, highestRate), live });
    case 'wav':
      return WavSink.open(spec.path, { ...format, ...options });
    case 'stdout':
      return new PcmSink(format);
    case 'none':
      return new NullSink(format);
  }
}

/** An option that cannot matter is a mistake of the caller, who would wait for its effect in vain. */
function refuseOptions(kind: SinkSpec['kind'], options: OpenSinkOptions): void {
  const [given] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (given === undefined) return;
  throw new UsageError('E_SINK_OPTION', `${given} is an option of recordings; the output is "${kind}".`, {
    hint: 'Leave it out, or name a FILE.wav as the output.',
  });
}
