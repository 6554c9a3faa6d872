import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { AudioFormat } from '../../src/audio/format.js';
import { UsageError } from '../../src/errors.js';
import { type AudioFileOptions, AudioFileSource } from './audio-file.js';
import type { AudioSource, IqSource } from './chunk-source.js';
import { type IqFileOptions, IqFileSource } from './iq-file.js';
import { isIqName } from './iq-file-name.js';
import { IqPipeSource } from './iq-pipe.js';
import { KiwiSdrSource } from './kiwisdr.js';
import { MicrophoneSource } from './microphone.js';
import { openNamedPipe } from './named-pipe.js';
import type { Pace } from './pacer.js';
import type { ReconnectingOptions } from './reconnecting.js';
import { RtlSdrSource } from './rtl-sdr.js';
import { RtlTcpSource } from './rtl-tcp.js';
import { SpyServerSource } from './spyserver.js';
import type { TunerSettings } from './tuner.js';
import { WebSocketSource } from './web-socket.js';

/** What `--source` names. */
export type SourceSpec =
  | { kind: 'mic'; device?: string }
  | { kind: 'rtlsdr'; serial?: string }
  | { kind: 'rtl_tcp'; host: string; port: number }
  | { kind: 'spyserver'; host: string; port: number }
  | { kind: 'kiwisdr'; host: string; port: number }
  | { kind: 'iq'; path: string }
  | { kind: 'file'; path: string }
  | { kind: 'stdin' }
  | { kind: 'ws'; url: string };

/** Servers of radios, and their usual ports. */
const SERVER_PORTS = { rtl_tcp: 1234, spyserver: 5555, kiwisdr: 8073 } as const;
/** Extensions that only IQ recordings have. */
const IQ_EXTENSIONS = [
  '.cu8',
  '.cs8',
  '.cs16',
  '.sc16',
  '.cf32',
  '.fc32',
  '.cfile',
  '.sigmf-meta',
  '.sigmf-data',
];
const HINT =
  'Sources: mic, rtlsdr[:SERIAL], rtl_tcp://HOST:PORT, spyserver://HOST:PORT, kiwisdr://HOST:PORT, iq:FILE, iq:- (stdin), FILE.wav, - (stdin), ws://HOST:PORT.';

function wrong(text: string, why: string): UsageError {
  return new UsageError('E_SOURCE', `"${text}" is no source: ${why}.`, { hint: HINT });
}

function serverSpec(kind: keyof typeof SERVER_PORTS, text: string): SourceSpec {
  const match = /^\w+:\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(text);
  if (match === null)
    throw wrong(text, `${kind} needs a host, as in ${kind}://192.168.1.5:${SERVER_PORTS[kind]}`);
  const port = match[2] === undefined ? SERVER_PORTS[kind] : Number(match[2]);
  if (port < 1 || port > 65_535) throw wrong(text, 'ports go from 1 to 65535');
  return { kind, host: match[1]!.replace(/^\[|\]$/g, ''), port };
}

/**
 * Reads a source as the command line names it: `mic[:DEVICE]`, `rtlsdr[:SERIAL]`, `rtl_tcp://HOST[:PORT]` (also `spyserver:`, `kiwisdr:`), `iq:FILE`,
 * `iq:-`, a path, `-`, `ws://…`.
 *
 * @throws UsageError `E_SOURCE` when it names nothing.
 */
export function parseSourceSpec(text: string): SourceSpec {
  if (text === '') throw wrong(text, 'it is empty');
  if (text === '-') return { kind: 'stdin' };
  for (const kind of ['rtl_tcp', 'spyserver', 'kiwisdr'] as const)
    if (text.startsWith(`${kind}:`)) return serverSpec(kind, text);
  if (/^wss?:\/\//.test(text)) {
    if (!URL.canParse(text)) throw wrong(text, 'the address is malformed');
    return { kind: 'ws', url: text };
  }
  const named = /^(mic|rtlsdr|iq)(?::(.*))?$/s.exec(text);
  if (named !== null) {
    const [, kind, rest] = named;
    if (rest === '') throw wrong(text, 'nothing follows the colon');
    if (kind === 'mic') return rest === undefined ? { kind } : { kind, device: rest };
    if (kind === 'rtlsdr') return rest === undefined ? { kind } : { kind, serial: rest };
    if (rest !== undefined) return { kind: 'iq', path: rest };
  }
  const scheme = /^([a-z][a-z0-9+._-]*):\/\//i.exec(text);
  if (scheme !== null) throw wrong(text, `there are no sources of the kind ${scheme[1]}`);
  const isIq = IQ_EXTENSIONS.includes(extname(text).toLowerCase()) || isIqName(text);
  return { kind: isIq ? 'iq' : 'file', path: text };
}

/** Without the entries that are `undefined`, which would otherwise hide defaults. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** Settings of a source; one that cannot matter for the source that is opened is refused. */
export interface OpenSourceOptions extends TunerSettings, ReconnectingOptions {
  /** Recordings: by their sample clock, or as fast as they are read; default `realtime`. */
  pace?: Pace;
  /** Recordings: again and again; default false. */
  loop?: boolean;
  /** Microphone: channels; default 1. */
  channels?: number;
  /** IQ recordings: what their name and header do not tell, or tell wrong. Settings of a tuner do not touch them. */
  recording?: Pick<IqFileOptions, 'sampleRate' | 'centreHz' | 'encoding'>;
  /** Files and stdin without a header: their format. */
  raw?: AudioFormat;
  /** Ends the wait for a named pipe that nobody writes to. */
  signal?: AbortSignal;
  /** Path of librtlsdr, where it is not the system's. */
  library?: string;
}

const ALWAYS: readonly (keyof OpenSourceOptions)[] = ['signal', 'clock', 'highWaterMark'];
const LIVE: readonly (keyof OpenSourceOptions)[] = ['maxQueueSeconds', 'stallTimeoutMs', 'backOff'];
const TUNER: readonly (keyof OpenSourceOptions)[] = [
  ...LIVE,
  'sampleRate',
  'centreHz',
  'gain',
  'ppm',
  'agc',
  'biasTee',
  'directSampling',
  'offsetTuning',
];
const TAKEN: Readonly<Record<SourceSpec['kind'], readonly (keyof OpenSourceOptions)[]>> = {
  mic: [...LIVE, 'sampleRate', 'channels'],
  rtlsdr: [...TUNER, 'library'],
  rtl_tcp: TUNER,
  spyserver: [...LIVE, 'sampleRate', 'centreHz', 'gain'],
  kiwisdr: [...LIVE, 'centreHz', 'gain'],
  iq: ['maxQueueSeconds', 'pace', 'loop', 'recording'],
  file: ['pace', 'loop', 'raw'],
  stdin: ['pace', 'raw'],
  ws: LIVE,
};

function refuseOthers(kind: SourceSpec['kind'], options: OpenSourceOptions): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const odd = given.find(([key]) => ![...ALWAYS, ...TAKEN[kind]].includes(key as keyof OpenSourceOptions));
  if (odd === undefined) return;
  throw new UsageError(
    'E_SOURCE_OPTION',
    `The option ${odd[0]} does not matter for a source of the kind ${kind}.`,
    {
      hint: 'Leave it out.',
    },
  );
}

const isNamedPipe = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isFIFO(),
    () => false,
  );

async function openIq(path: string, options: IqFileOptions): Promise<IqSource> {
  const isStdin = path === '-';
  if (!isStdin && !(await isNamedPipe(path))) return IqFileSource.open(path, options);
  if (options.loop)
    throw new UsageError('E_NO_RECORDING', 'What comes through a pipe can not be played again.', {
      hint: 'Leave out the loop, or give a file.',
    });
  const bytes = isStdin ? process.stdin : openNamedPipe(path);
  try {
    return new IqPipeSource(bytes, isStdin ? 'stdin' : path, options);
  } catch (error) {
    bytes.destroy();
    throw error;
  }
}

async function openFile(
  path: string,
  options: AudioFileOptions,
  signal: AbortSignal | undefined,
): Promise<AudioFileSource> {
  if (!(await isNamedPipe(path))) return AudioFileSource.open(path, options);
  const pipe = openNamedPipe(path);
  const giveUp = () => pipe.destroy();
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const source = await AudioFileSource.open(pipe, options);
    return source.once('close', giveUp);
  } catch (error) {
    pipe.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/**
 * Opens a source; radios are tuned, microphones record, recordings are ready to be read.
 *
 * @param spec as on the command line, or parsed by {@link parseSourceSpec}.
 * @throws UsageError for a source that does not exist, `E_SOURCE_OPTION` for an option that cannot matter; InputError for a recording that cannot be read; DeviceError for a
 *   device that is absent, busy, forbidden, or cannot do what is asked.
 */
export async function openSource(
  spec: string | SourceSpec,
  options: OpenSourceOptions = {},
): Promise<AudioSource | IqSource> {
  const source = typeof spec === 'string' ? parseSourceSpec(spec) : spec;
  refuseOthers(source.kind, options);
  const { clock, highWaterMark, loop, raw, pace } = options;
  const file = defined({ clock, highWaterMark, loop, raw, pace: pace ?? ('realtime' as const) });
  switch (source.kind) {
    case 'mic':
      return MicrophoneSource.open({ ...options, ...defined({ device: source.device }) });
    case 'rtlsdr':
      return RtlSdrSource.open({ ...options, ...defined({ serial: source.serial }) });
    case 'rtl_tcp':
      return RtlTcpSource.open({ ...options, host: source.host, port: source.port });
    case 'spyserver':
      return SpyServerSource.open({ ...options, host: source.host, port: source.port });
    case 'kiwisdr':
      return KiwiSdrSource.open({ ...options, host: source.host, port: source.port });
    case 'iq':
      return openIq(source.path, { ...file, ...options.recording });
    case 'file':
      return openFile(source.path, file, options.signal);
    case 'stdin':
      // Who writes to the pipe sets the pace.
      return AudioFileSource.open(process.stdin, { ...file, pace: pace ?? 'fast' });
    case 'ws':
      return WebSocketSource.open(source.url, options);
  }
}
