import { type FileHandle, open } from 'node:fs/promises';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { BYTES_PER_SAMPLE, type SampleFormat } from '../../src/audio/format.js';
import { WavWriter } from '../../src/audio/wav/writer.js';
import { OutputError } from '../../src/errors.js';
import { fileTarget } from '../../src/files/byte-target.js';
import { fileIdentity } from '../../src/files/file-identity.js';
import { toOutputError } from '../../src/files/output-error.js';
import { ChunkSink, type SinkFormat } from './audio-sink.js';
import { MOST_PARTS, numberedPath } from './numbered-path.js';

export interface WavSinkOptions extends SinkFormat {
  /** How samples are stored; default `s16`. */
  sampleFormat?: SampleFormat;
  /** Starts a new file after so many seconds of audio. */
  rotateSeconds?: number;
  /** Starts a new file before one exceeds so many bytes of samples. */
  rotateBytes?: number;
  /** Replaces files that are there; default false: refuses. */
  overwrite?: boolean;
  /** A file that is never replaced, by whatever name: the source of the audio. */
  keep?: string;
}

/**
 * Records to WAV. The header is put right after every chunk, so that the file is valid at every moment, whatever ends the
 * process; with rotation the files are numbered, `NAME-0001.wav` on, and not a sample is lost between them. When the rate of the audio
 * rises, the recording goes on in another file: `NAME-0002.wav`. Names that are taken are left out.
 */
export class WavSink extends ChunkSink {
  /** Files begun so far, the current one last. */
  readonly files: string[] = [];
  override readonly canRaiseRate = true;
  private framesPerFile: number;
  private file: FileHandle | undefined;
  private writer: WavWriter | undefined;

  private constructor(
    readonly path: string,
    private readonly options: WavSinkOptions,
  ) {
    super({ sampleRate: options.sampleRate, channels: options.channels });
    this.framesPerFile = this.mostFrames(options.sampleRate);
  }

  /**
   * Creates the (first) file.
   *
   * @throws OutputError when it cannot be created, or is there already (`E_EXISTS`).
   */
  static async open(path: string, options: WavSinkOptions): Promise<WavSink> {
    const sink = new WavSink(path, options);
    try {
      await sink.begin();
    } catch (error) {
      sink.destroy();
      throw error;
    }
    return sink;
  }

  protected async consume(chunk: AudioChunk): Promise<void> {
    const length = chunk.samples[0]!.length;
    for (let done = 0; done < length; ) {
      if (this.writer!.frames >= this.framesPerFile) {
        await this.endFile();
        await this.beginNext(this.format.sampleRate);
      }
      const count = Math.min(length - done, this.framesPerFile - this.writer!.frames);
      await this.append(chunk.samples.map((channel) => channel.subarray(done, done + count)));
      done += count;
    }
  }

  protected override complete(): Promise<void> {
    return this.endFile();
  }

  protected override async release(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }

  protected override async raiseRate(sampleRate: number): Promise<void> {
    await this.endFile();
    this.framesPerFile = this.mostFrames(sampleRate);
    await this.beginNext(sampleRate);
  }

  /** In the middle of a recording nobody is there to choose another name: it goes on under the next that is free. */
  private async beginNext(sampleRate: number): Promise<void> {
    for (let part = this.files.length + 1; ; part++) {
      try {
        return await this.begin(numberedPath(this.path, part), sampleRate);
      } catch (error) {
        if ((error as OutputError).code !== 'E_EXISTS' || part >= MOST_PARTS) throw error;
      }
    }
  }

  private mostFrames(sampleRate: number): number {
    const { options } = this;
    const { channels, sampleFormat = 's16' } = options;
    const bySeconds = (options.rotateSeconds ?? Number.POSITIVE_INFINITY) * sampleRate;
    const byBytes =
      (options.rotateBytes ?? Number.POSITIVE_INFINITY) / (BYTES_PER_SAMPLE[sampleFormat] * channels);
    return Math.max(1, Math.floor(Math.min(bySeconds, byBytes)));
  }

  private get nextPath(): string {
    return Number.isFinite(this.framesPerFile) ? numberedPath(this.path, this.files.length + 1) : this.path;
  }

  private async begin(path = this.nextPath, sampleRate = this.format.sampleRate): Promise<void> {
    const { options } = this;
    try {
      await this.refuseKept(path);
      this.file = await open(path, options.overwrite ? 'w+' : 'wx+');
      const { sampleFormat = 's16', channels } = options;
      const format = { channels, sampleFormat, sampleRate };
      this.writer = await WavWriter.create(fileTarget(this.file), format);
      await this.writer.syncHeader();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new OutputError('E_EXISTS', `${path} is there already.`, {
          hint: 'Choose another name, or remove the file first.',
          cause: error,
        });
      throw toOutputError(error, path);
    }
    this.files.push(path);
    // Destroyed while the file was opened: nobody else closes it.
    if (this.destroyed) await this.release();
    this.emit('file', path);
  }

  private async refuseKept(path: string): Promise<void> {
    const { keep } = this.options;
    const kept = keep === undefined ? undefined : await fileIdentity(keep);
    if (kept !== undefined && kept === (await fileIdentity(path)))
      throw new OutputError('E_SAME_FILE', `The output ${path} is the input ${keep} itself.`, {
        hint: 'Choose another name.',
      });
  }

  private async append(samples: Float32Array[]): Promise<void> {
    try {
      await this.writer!.write(samples);
      await this.writer!.syncHeader();
    } catch (error) {
      await this.cutToHeader().catch(() => {});
      throw toOutputError(error, this.files.at(-1)!);
    }
  }

  /** After a write that failed half-way: the file ends where its header says. */
  private async cutToHeader(): Promise<void> {
    await this.writer!.syncHeader();
    const head = Buffer.alloc(8);
    await this.file!.read(head, 0, 8, 0);
    if (head.toString('latin1', 0, 4) === 'RIFF') await this.file!.truncate(head.readUInt32LE(4) + 8);
  }

  private async endFile(): Promise<void> {
    try {
      await this.writer!.finish();
      await this.file!.close();
    } catch (error) {
      throw toOutputError(error, this.files.at(-1)!);
    }
    this.file = undefined;
  }
}
