import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { encodePcm } from '../../src/audio/pcm.js';
import { DeviceError } from '../../src/errors.js';
import {
  type AudioProgram,
  type AudioRequest,
  audioProgramError,
  findAudioProgram,
  PLAYERS,
  xrunSeconds,
} from '../audio-program.js';
import { ChunkSink, type SinkFormat } from './audio-sink.js';
import { DriftCompensator } from './drift.js';
import { createSmallPipe, type SmallPipe } from './small-pipe.js';

export interface SpeakerOptions extends SinkFormat {
  /** Name of the device, such as `hw:1`; default the system's default. */
  device?: string;
  /** The audio comes from a live source with a clock of its own: never hold it back, and absorb the drift. Default false. */
  live?: boolean;
  /** What plays; default the first that is installed. */
  program?: AudioProgram;
  /** Gives up what was made for the device, when the program has been ended. */
  removeDevice?: () => Promise<void>;
  /** Length of the device's buffer, seconds; default 0.06. */
  bufferSeconds?: number;
  /** Live only: most audio queued for a speaker that is behind, seconds; then half of it is dropped, and counted. Default 1. */
  maxQueueSeconds?: number;
  /** How long the program may take to exit after it has played everything, seconds; default 5. */
  exitTimeoutSeconds?: number;
}

/** Default length of the device's buffer. */
const BUFFER_SECONDS = 0.06;
const PIPE_BYTES = 4096;
const STDERR_LIMIT = 4000;
const EXIT_TIMEOUT_SECONDS = 5;
/** Silence before the first live samples, seconds: the fill that the drift loop holds, and as much again for an uneven source. */
const HEAD_START_SECONDS = 0.04;
/** Silence after an underrun, seconds: the source's blocks are larger than the buffer was; the drift loop trims any excess. */
const REFILL_SECONDS = 0.03;

/**
 * Plays through `aplay`, `pw-play` or `sox`, whichever is there. From a live source it takes whatever comes, and keeps the
 * delay by playing imperceptibly faster or slower (see `drift.ts`); from a recording it holds the reader back.
 */
export class SpeakerSink extends ChunkSink {
  override readonly isHeard = true;
  /** What samples are multiplied by, 0 … 1. */
  volume = 1;
  private readonly program: AudioProgram;
  private readonly drift: DriftCompensator | undefined;
  private child: ChildProcess | undefined;
  private kernelPipe: SmallPipe | undefined;
  private input: Writable | undefined;
  private stderrText = '';
  private failure: DeviceError | undefined;
  private ended = false;
  private endWaiters: (() => void)[] = [];

  private constructor(private readonly options: SpeakerOptions) {
    super({ sampleRate: options.sampleRate, channels: options.channels });
    this.program = options.program ?? findAudioProgram(PLAYERS);
    const mostSeconds = options.maxQueueSeconds ?? 1;
    this.drift = options.live ? new DriftCompensator(this.format, { mostSeconds }) : undefined;
  }

  /**
   * Starts the program. That it cannot open the device shows a moment later, as the error of the stream.
   *
   * @throws DeviceError when there is no program.
   */
  static async open(options: SpeakerOptions): Promise<SpeakerSink> {
    const sink = new SpeakerSink(options);
    sink.startProgram();
    if (options.live) void sink.playSilence(HEAD_START_SECONDS);
    return sink;
  }

  /** Samples on their way to the device that it has not taken yet. */
  get queuedSamples(): number {
    const bytes = (this.input?.writableLength ?? 0) + (this.kernelPipe?.unread() ?? 0);
    return bytes / (2 * this.format.channels);
  }

  /** Time from here until a sample is heard, seconds: the queue, and the device's own buffer. */
  get delaySeconds(): number {
    return this.queuedSamples / this.format.sampleRate + (this.options.bufferSeconds ?? BUFFER_SECONDS);
  }

  /** Correction for the drift between the two clocks, parts per million; 0 when not live. */
  get correctionPpm(): number {
    return this.drift?.controller.correctionPpm ?? 0;
  }

  protected async consume(chunk: AudioChunk): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.drift === undefined) await this.play(chunk.samples);
    else {
      void this.play(this.drift.process(chunk.samples, this.queuedSamples));
      this.stats.droppedSamples = BigInt(this.drift.skippedSamples);
    }
    if (this.failure !== undefined) throw this.failure;
  }

  protected override async complete(): Promise<void> {
    const timeoutMs = 1000 * (this.delaySeconds + (this.options.exitTimeoutSeconds ?? EXIT_TIMEOUT_SECONDS));
    const timer = setTimeout(() => this.programEnded(this.exitTimeout()), timeoutMs);
    if (this.drift !== undefined) await Promise.race([this.play(this.drift.flush()), this.untilEnded()]);
    this.input?.end();
    await this.untilEnded();
    clearTimeout(timer);
    if (this.failure !== undefined) throw this.failure;
  }

  private untilEnded(): Promise<void> {
    return this.ended ? Promise.resolve() : new Promise((resolve) => this.endWaiters.push(resolve));
  }

  private exitTimeout(): DeviceError {
    return new DeviceError('E_SOUND_PROGRAM', `${this.program.command} does not exit.`, {
      hint: 'The speaker may be suspended or in use: try another with speaker:DEVICE.',
    });
  }

  protected override async release(): Promise<void> {
    this.input?.destroy();
    // A program that hangs in its driver, or was suspended, does not react to a milder signal.
    this.child?.kill('SIGKILL');
    await this.options.removeDevice?.();
  }

  private startProgram(): void {
    const { options, program } = this;
    const request: AudioRequest = {
      ...this.format,
      bufferSeconds: options.bufferSeconds ?? BUFFER_SECONDS,
      ...(options.device === undefined ? {} : { device: options.device }),
    };
    this.kernelPipe = createSmallPipe(PIPE_BYTES);
    const child = spawn(program.command, program.arguments(request), {
      stdio: [this.kernelPipe?.readEnd ?? 'pipe', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...program.environment?.(request) },
    });
    if (this.kernelPipe !== undefined) closeSync(this.kernelPipe.readEnd);
    this.child = child;
    this.input = this.kernelPipe?.writer ?? child.stdin!;
    // The program's error output says more than the broken pipe.
    this.input.on('error', () => {});
    child.stderr!.on('data', (bytes: Buffer) => this.readStderr(bytes.toString('utf8')));
    child.on('error', (error) =>
      this.programEnded(audioProgramError(program.command, error.message, 'speaker')),
    );
    child.on('close', (code) =>
      this.programEnded(
        code === 0 && this.writableEnded
          ? undefined
          : audioProgramError(program.command, this.stderrText, 'speaker'),
      ),
    );
  }

  /** Writes samples; resolves when the pipe has taken them, or the program has ended. */
  private play(samples: readonly Float32Array[]): Promise<void> {
    const frames = samples[0]?.length ?? 0;
    if (frames === 0 || this.ended) return Promise.resolve();
    const bytes = Buffer.allocUnsafe(frames * this.format.channels * 2);
    const { volume } = this;
    const heard = volume === 1 ? samples : samples.map((channel) => channel.map((value) => volume * value));
    encodePcm(heard, { channels: this.format.channels, sampleFormat: 's16' }, bytes, frames);
    return new Promise((resolve) => this.input!.write(bytes, () => resolve()));
  }

  private playSilence(seconds: number): Promise<void> {
    const { sampleRate, channels } = this.format;
    const frames = Math.round(seconds * sampleRate);
    return this.play(Array.from({ length: channels }, () => new Float32Array(frames)));
  }

  private readStderr(text: string): void {
    this.stderrText = (this.stderrText + text).slice(-STDERR_LIMIT);
    for (const line of text.split('\n')) {
      if (xrunSeconds(line) === 0) continue;
      this.stats.underruns++;
      if (this.drift === undefined) continue;
      this.drift.controller.restart();
      void this.playSilence(REFILL_SECONDS);
    }
  }

  private programEnded(failure: DeviceError | undefined): void {
    if (this.ended) return;
    this.ended = true;
    if (!this.destroyed) this.failure ??= failure;
    this.input?.destroy();
    for (const resolve of this.endWaiters.splice(0)) resolve();
    if (this.failure !== undefined && !this.writableEnded) this.destroy(this.failure);
  }
}
