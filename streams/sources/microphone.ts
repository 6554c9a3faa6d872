import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { decodePcm } from '../../src/audio/pcm.js';
import { DeviceError } from '../../src/errors.js';
import {
  type AudioProgram,
  type AudioRequest,
  audioProgramError,
  findAudioProgram,
  RECORDERS,
  xrunSeconds,
} from '../audio-program.js';
import { type ReconnectingOptions, ReconnectingSource } from './reconnecting.js';

export interface MicrophoneOptions extends ReconnectingOptions {
  /** Hz; default 48 000. */
  sampleRate?: number;
  /** Default 1. */
  channels?: number;
  /** Name of the device, such as `hw:1`; default the system's default. */
  device?: string;
  /** Milliseconds in which the first samples must come; default 5000. */
  startTimeoutMs?: number;
}

/** Length of the device's buffer: long enough for a busy machine, it adds no delay. */
const BUFFER_SECONDS = 0.2;
/** Characters of the program's error output that are kept for its error. */
const STDERR_LIMIT = 4000;

/** A microphone, through `arecord`, `sox` or `pw-record`, whichever is there. Unplugged, it is tried again. */
export class MicrophoneSource extends ReconnectingSource<AudioChunk> {
  readonly kind = 'audio';
  readonly channels: number;
  private rate: number;
  private readonly device: string | undefined;
  private readonly program: AudioProgram;
  private readonly startTimeoutMs: number;
  private child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  private stderrText = '';
  private rest: Buffer = Buffer.alloc(0);

  private constructor(options: MicrophoneOptions) {
    super(options);
    this.rate = options.sampleRate ?? 48_000;
    this.channels = options.channels ?? 1;
    this.device = options.device;
    this.startTimeoutMs = options.startTimeoutMs ?? 5000;
    this.program = findAudioProgram(RECORDERS);
  }

  /**
   * Starts recording; resolves with the first samples.
   *
   * @throws DeviceError when there is no program or no microphone, it is busy, or forbidden.
   */
  static async open(options: MicrophoneOptions = {}): Promise<MicrophoneSource> {
    const source = new MicrophoneSource(options);
    await source.start();
    return source;
  }

  /** The rate the device runs at, which may not be the one asked for. */
  get sampleRate(): number {
    return this.rate;
  }

  protected connect(): Promise<void> {
    const request: AudioRequest = {
      sampleRate: this.rate,
      channels: this.channels,
      bufferSeconds: BUFFER_SECONDS,
      ...(this.device === undefined ? {} : { device: this.device }),
    };
    const { command } = this.program;
    const child = spawn(command, this.program.arguments(request), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...this.program.environment?.(request) },
    });
    this.child = child;
    this.stderrText = '';
    this.rest = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(this.startTimeoutMs, () =>
        reject(
          new DeviceError('E_SOURCE_STALLED', `${command} gave no samples in ${this.startTimeoutMs} ms.`),
        ),
      );
      const fail = (error: DeviceError) => {
        timer.cancel();
        reject(error);
        if (this.child === child) this.lostConnection(error);
      };
      child.on('error', (error) => fail(audioProgramError(command, error.message, 'microphone')));
      child.on('close', () => fail(audioProgramError(command, this.stderrText, 'microphone')));
      child.stderr.on('data', (bytes: Buffer) => this.readStderr(bytes.toString('utf8')));
      child.stdout.on('data', (bytes: Buffer) => {
        timer.cancel();
        resolve();
        if (this.child === child) this.receive(bytes);
      });
    });
  }

  protected disconnect(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private readStderr(text: string): void {
    this.stderrText = (this.stderrText + text).slice(-STDERR_LIMIT);
    for (const line of text.split('\n')) {
      const lost = xrunSeconds(line);
      if (lost > 0)
        this.missed(BigInt(Math.round(lost * this.rate)), 'the recording program was held up', true);
      const got = /rate is not accurate.*got = (\d+)/i.exec(line);
      if (got !== null) this.rate = Number(got[1]);
    }
  }

  private receive(bytes: Buffer): void {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const frames = Math.floor(all.length / (2 * this.channels));
    this.rest = all.subarray(frames * 2 * this.channels);
    if (frames === 0) return;
    const samples = Array.from({ length: this.channels }, () => new Float32Array(frames));
    decodePcm(all, { channels: this.channels, sampleFormat: 's16' }, samples, frames);
    this.arrive({ samples, sampleRate: this.rate }, frames);
  }
}
