import type { Writable } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { BYTES_PER_SAMPLE, type SampleFormat } from '../../src/audio/format.js';
import { encodePcm } from '../../src/audio/pcm.js';
import type { DenoiseError } from '../../src/errors.js';
import { toOutputError } from '../../src/files/output-error.js';
import { ChunkSink, type SinkFormat } from './audio-sink.js';

export interface PcmSinkOptions extends SinkFormat {
  /** How samples are stored, interleaved, little-endian; default `s16`. */
  sampleFormat?: SampleFormat;
  /** Where to; default `process.stdout`, which is left open. */
  target?: Writable;
}

/**
 * Raw PCM to a stream. When the reader at the other end goes away (`| head`), the sink says so once by the event
 * `reader-gone`, and counts what still comes as dropped; that is no error.
 */
export class PcmSink extends ChunkSink {
  private readonly target: Writable;
  private readonly sampleFormat: SampleFormat;
  private failure: DenoiseError | undefined;
  private gone = false;

  constructor(options: PcmSinkOptions) {
    super({ sampleRate: options.sampleRate, channels: options.channels });
    this.target = options.target ?? process.stdout;
    this.sampleFormat = options.sampleFormat ?? 's16';
    this.target.on('error', this.onError);
    this.target.on('close', this.onClose);
  }

  /** True once nobody reads any more. */
  get readerGone(): boolean {
    return this.gone;
  }

  protected async consume(chunk: AudioChunk): Promise<void> {
    const frames = chunk.samples[0]!.length;
    if (this.failure !== undefined) throw this.failure;
    if (!this.gone) {
      const bytes = Buffer.allocUnsafe(frames * this.format.channels * BYTES_PER_SAMPLE[this.sampleFormat]);
      encodePcm(chunk.samples, { ...this.format, sampleFormat: this.sampleFormat }, bytes, frames);
      // The call back comes with an error, too, and when the stream is destroyed: it never hangs.
      await new Promise<void>((resolve) => this.target.write(bytes, () => resolve()));
    }
    if (this.failure !== undefined) throw this.failure;
    if (this.gone) this.stats.droppedSamples += BigInt(frames);
  }

  protected override async release(): Promise<void> {
    this.target.off('close', this.onClose);
    // The listener for errors stays: one may still come for what is under way, and must not end the process.
  }

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') this.onClose();
    else this.failure ??= toOutputError(error, 'the output stream');
  };

  private readonly onClose = (): void => {
    if (this.gone) return;
    this.gone = true;
    this.emit('reader-gone');
  };
}
