import type { AudioChunk } from '../../src/audio/chunk.js';
import type { AudioFormat } from '../../src/audio/format.js';
import { type AudioInput, type AudioInputSource, openAudioInput } from '../../src/audio/open.js';
import { type Clock, systemClock } from '../clock.js';
import { ChunkSource, type ChunkSourceOptions } from './chunk-source.js';
import { type Pace, Pacer } from './pacer.js';

export interface AudioFileOptions extends ChunkSourceOptions {
  /** Default `fast`. */
  pace?: Pace;
  /** Starts again at the end, without end; files only. Default false. */
  loop?: boolean;
  /** The input has no header and holds samples of this format. */
  raw?: AudioFormat;
  /** Seconds of audio in a chunk at most; default 0.02 in real time, else as the file is read. */
  chunkSeconds?: number;
  clock?: Clock;
}

/** A WAV, FLAC or raw PCM recording, or the same from a pipe such as stdin, as fast as it is read or in real time. */
export class AudioFileSource extends ChunkSource<AudioChunk> {
  readonly kind = 'audio';
  readonly live = false;
  readonly sampleRate: number;
  readonly channels: number;
  private readonly pacer: Pacer;
  private readonly pieceFrames: number;
  private goOn: (() => void) | undefined;
  private started = false;
  private warned = 0;

  private constructor(
    private input: AudioInput,
    private readonly from: AudioInputSource,
    private readonly options: AudioFileOptions,
  ) {
    super(options);
    this.sampleRate = input.format.sampleRate;
    this.channels = input.format.channels;
    const pace = options.pace ?? 'fast';
    this.pacer = new Pacer(this.sampleRate, pace, options.clock ?? systemClock);
    const seconds = options.chunkSeconds ?? (pace === 'realtime' ? 0.02 : Number.POSITIVE_INFINITY);
    this.pieceFrames = Math.max(1, Math.round(seconds * this.sampleRate));
  }

  /**
   * Opens a path, or a stream of bytes such as `process.stdin`.
   *
   * @throws InputError when it is missing or no audio.
   */
  static async open(from: AudioInputSource, options: AudioFileOptions = {}): Promise<AudioFileSource> {
    const raw = options.raw === undefined ? {} : { raw: options.raw };
    return new AudioFileSource(await openAudioInput(from, raw), from, options);
  }

  protected override onWanted(): void {
    if (!this.started) {
      this.started = true;
      this.stats.state = 'running';
      this.play().catch((error: unknown) => this.fail(error, `Reading ${this.input.name}`));
    }
    this.goOn?.();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.pacer.stop();
    this.goOn?.();
    if (this.stats.state !== 'failed') this.stats.state = 'ended';
    // A pipe that is being read only closes when its next bytes come: do not wait for them.
    const closing = this.input.close().catch(() => {});
    if (typeof this.from === 'string') void closing.then(() => done(error));
    else done(error);
  }

  private async play(): Promise<void> {
    const again = this.options.loop === true && typeof this.from === 'string';
    for (;;) {
      let frames = 0;
      for await (const chunk of this.input) {
        frames += chunk.samples[0]?.length ?? 0;
        await this.playChunk(chunk);
        if (this.destroyed) return;
      }
      this.warn();
      if (!again || frames === 0) break;
      this.markBreak('the recording starts again');
      this.warned = 0;
      this.input = await openAudioInput(
        this.from,
        this.options.raw === undefined ? {} : { raw: this.options.raw },
      );
    }
    this.finish();
  }

  private async playChunk(chunk: AudioChunk): Promise<void> {
    const length = chunk.samples[0]?.length ?? 0;
    for (let start = 0; start < length; start += this.pieceFrames) {
      const end = Math.min(length, start + this.pieceFrames);
      const whole = start === 0 && end === length;
      const samples = whole ? chunk.samples : chunk.samples.map((channel) => channel.slice(start, end));
      await this.pacer.due(end - start);
      if (this.destroyed) return;
      if (!this.offer({ samples, sampleRate: this.sampleRate }))
        await new Promise<void>((resolve) => {
          this.goOn = resolve;
        });
      if (this.destroyed) return;
    }
  }

  private warn(): void {
    for (const { message } of this.input.warnings.slice(this.warned))
      this.notify({ kind: 'warning', message });
    this.warned = this.input.warnings.length;
  }
}
