import { OutputError } from '../../errors.js';
import type { ByteTarget } from '../../files/byte-target.js';
import type { AudioWriter } from '../audio-writer.js';
import { type AudioFormat, BYTES_PER_SAMPLE } from '../format.js';
import type { Planar } from '../pcm.js';
import { RawPcmWriter } from '../raw-pcm-writer.js';
import type { WavChunk, WavMetadata } from './chunks.js';
import { chunkBytes, DS64_BYTES, fmtChunkFor, riffHead, type WavSizes } from './head.js';

/** What RIFF's 32-bit size field can say; from there on the file becomes RF64. */
const RIFF_LIMIT = 2 ** 32 - 2;

export interface WavWriterOptions {
  /** Chunks to put around the samples, and the original's `fmt ` where the format is the same. */
  metadata?: WavMetadata;
  /**
   * How many frames will come, where known. A file of known length needs no place reserved for RF64; a pipe needs it
   * to declare its sizes and to have chunks behind its samples.
   */
  frames?: number;
  /** Largest file that is plain RIFF, bytes. Default: what its size field can say. */
  riffLimit?: number;
}

/** Streaming WAV writer: on files, sizes are put right at the end and on demand, and RF64 takes over above 4 GiB. */
export class WavWriter implements AudioWriter {
  readonly format: AudioFormat;
  private readonly pcm: RawPcmWriter;
  private readonly limit: number;
  /** Bytes before the samples. */
  private headBytes = 0;
  /** Positions of what depends on the length: the size in `data`, the count in `fact`. */
  private factAt: number | undefined;
  private reserve = false;
  private tailBytes = 0;

  private constructor(
    private readonly target: ByteTarget,
    format: AudioFormat,
    private readonly options: WavWriterOptions,
  ) {
    // WAV stores 8-bit samples unsigned.
    this.format = format.sampleFormat === 's8' ? { ...format, sampleFormat: 'u8' } : format;
    this.pcm = new RawPcmWriter(target, this.format);
    this.limit = options.riffLimit ?? RIFF_LIMIT;
  }

  /** Writes the header. `finish()` completes the file; the target stays open. */
  static async create(
    target: ByteTarget,
    format: AudioFormat,
    options: WavWriterOptions = {},
  ): Promise<WavWriter> {
    const writer = new WavWriter(target, format, options);
    await writer.writeHead();
    return writer;
  }

  get frames(): number {
    return this.pcm.frames;
  }

  get clipped(): number {
    return this.pcm.clipped;
  }

  /** @throws OutputError `E_TOO_LARGE` where the file outgrows RIFF though its declared length did not */
  async write(samples: Planar): Promise<void> {
    await this.pcm.write(samples);
    if (!this.reserve && this.target.patch !== undefined && this.sizes().file > this.limit) {
      throw new OutputError(
        'E_TOO_LARGE',
        'More audio came than was announced, and the file outgrew the WAV format.',
      );
    }
  }

  async syncHeader(): Promise<void> {
    const { target } = this;
    if (target.patch === undefined) return;
    const sizes = this.sizes();
    const rf64 = this.reserve && sizes.file > this.limit;
    await target.patch(0, riffHead(sizes, this.reserve, rf64));
    await target.patch(this.headBytes - 4, uint32(rf64 ? 0xffffffff : sizes.data));
    if (this.factAt !== undefined) await target.patch(this.factAt, uint32(rf64 ? 0xffffffff : sizes.frames));
  }

  async finish(): Promise<void> {
    // Behind samples of undeclared length on a pipe nothing can stand: it would be taken for samples.
    if (this.target.patch === undefined && this.frames !== this.options.frames) return;
    if (this.dataBytes() % 2 === 1) await this.append(new Uint8Array(1));
    for (const chunk of this.options.metadata?.after ?? []) await this.append(chunkBytes(chunk));
    await this.syncHeader();
  }

  private async writeHead(): Promise<void> {
    const { metadata, frames } = this.options;
    const seekable = this.target.patch !== undefined;
    const fmt = fmtChunkFor(this.format, metadata?.fmt);
    const float = this.format.sampleFormat === 'f32' || this.format.sampleFormat === 'f64';
    const chunks: WavChunk[] = [{ id: 'fmt ', data: fmt }];
    if (float) chunks.push({ id: 'fact', data: uint32(frames ?? 0) });
    const body = Buffer.concat([...chunks, ...(metadata?.before ?? [])].map(chunkBytes));
    const rest =
      12 + body.length + 8 + 1 + (metadata?.after ?? []).reduce((sum, c) => sum + c.data.length + 9, 0);
    const expected = frames === undefined ? Infinity : rest + this.dataBytes(frames);
    // Chunks behind the samples may be found only later: leave them as much room as a reader keeps.
    this.reserve = seekable ? expected + 2 ** 25 > this.limit : frames !== undefined && expected > this.limit;
    this.headBytes = (this.reserve ? 12 + 8 + DS64_BYTES : 12) + body.length + 8;
    if (float) this.factAt = this.headBytes - 8 - body.length + 8 + fmt.length + (fmt.length % 2) + 8;

    const rf64 = this.reserve && !seekable;
    const known = frames !== undefined && !rf64;
    const unknown: WavSizes = { file: Infinity, data: 0xffffffff, frames: 0 };
    const sizes = frames === undefined ? unknown : this.sizes(frames, true);
    const data = new Uint8Array(8);
    data.set(Buffer.from('data', 'latin1'), 0);
    data.set(uint32(known ? Math.min(sizes.data, 0xffffffff) : 0xffffffff), 4);
    await this.target.write(Buffer.concat([riffHead(sizes, this.reserve, rf64), body, data]));
  }

  private async append(bytes: Uint8Array): Promise<void> {
    await this.target.write(bytes);
    this.tailBytes += bytes.length;
  }

  private dataBytes(frames = this.frames): number {
    return frames * this.format.channels * BYTES_PER_SAMPLE[this.format.sampleFormat];
  }

  private sizes(frames = this.frames, withTail = false): WavSizes {
    const data = this.dataBytes(frames);
    const after = (this.options.metadata?.after ?? []).reduce(
      (sum, chunk) => sum + chunkBytes(chunk).length,
      0,
    );
    const tail = withTail ? (data % 2) + after : this.tailBytes;
    return { file: this.headBytes + data + tail, data, frames };
  }
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
