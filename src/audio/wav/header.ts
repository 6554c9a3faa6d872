import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import type { AudioWarning } from '../format.js';
import { METADATA_LIMIT } from '../tags.js';
import { CHUNK_LIMIT, chunkId, isChunkId, isKept, skipPad, type WavMetadata } from './chunks.js';
import { parseFmtChunk, type WavFormat } from './fmt-chunk.js';

/** Sizes that writers put where they do not know the length yet (ffmpeg, sox, GStreamer, and ones that count signed). */
const UNKNOWN_SIZES = new Set([0xffffffff, 0xfffffffe, 0x80000000, 0x7fffffff, 0x7fffffff - 36, 0x7ffff000]);

/** The largest `fmt ` chunk taken for one; real ones are 16 to 40 bytes, codecs' a few hundred. */
const FMT_LIMIT = 4096;

/** State of the walk through the chunks of one file. */
export class ChunkWalk {
  readonly metadata: WavMetadata = { fmt: new Uint8Array(0), before: [], after: [] };
  format: WavFormat | undefined;
  /** Samples per channel by the `fact` chunk, which compressed formats need. */
  fact: number | undefined;
  private dataSize64: number | undefined;
  private keptBytes = 0;
  private inData = false;

  constructor(
    private readonly bytes: ByteReader,
    readonly warnings: AudioWarning[],
  ) {}

  /**
   * Reads on to the next `data` chunk and consumes its head.
   *
   * @returns its size in bytes, `Infinity` where the writer did not know it, `undefined` where no further one comes
   * @throws InputError before the first `data` chunk where the file ends, is corrupt, or has a format not supported
   */
  async nextData(): Promise<number | undefined> {
    for (let count = 0; ; count++) {
      const head = await this.bytes.peek(8);
      if (head.length < 8 || !isChunkId(head)) return this.endOfChunks(head);
      const id = chunkId(head);
      const size = new DataView(head.buffer, head.byteOffset, 8).getUint32(4, true);
      await this.bytes.skip(8);
      if (id === 'data') return this.enterData(size);
      if (id === 'fmt ' && this.format === undefined) await this.readFmt(size);
      else if (id === 'ds64') await this.readSizes(size);
      else if (id === 'fact') await this.readFact(size);
      else await this.keepOrSkip(id, size, count);
    }
  }

  private endOfChunks(head: Uint8Array): undefined {
    if (this.inData) {
      if (head.some((byte) => byte !== 0)) {
        this.warnings.push({
          code: 'W_TRAILING_BYTES',
          message: 'Bytes behind the last chunk were left out.',
        });
      }
      return undefined;
    }
    if (head.length < 8) {
      const what = this.format === undefined ? 'its format is known' : 'the audio starts';
      throw new InputError('E_TRUNCATED', `The WAV header is truncated: the file ends before ${what}.`, {
        hint: 'The file was cut off; get it again from where it came.',
      });
    }
    throw new InputError('E_CORRUPT', `The WAV header is corrupt at byte ${this.bytes.position}.`, {
      hint: 'If these are samples without a header, say so: denoise live --raw FORMAT:RATE:CHANNELS.',
    });
  }

  private async readFmt(size: number): Promise<void> {
    if (size > FMT_LIMIT) throw new InputError('E_CORRUPT', `The WAV format chunk claims ${size} bytes.`);
    const data = (await this.bytes.read(size)).slice();
    if (data.length < size) this.endOfChunks(data.subarray(0, 0));
    await skipPad(this.bytes, size);
    this.format = parseFmtChunk(data);
    this.metadata.fmt = data;
  }

  /** The 64-bit sizes of RF64 and BW64 (EBU Tech 3306): RIFF size, data size, sample count, table. */
  private async readSizes(size: number): Promise<void> {
    const data = await this.bytes.read(Math.min(size, 16));
    if (data.length === 16) {
      const view = new DataView(data.buffer, data.byteOffset, 16);
      this.dataSize64 = view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32;
    }
    await this.bytes.skip(size - data.length);
    await skipPad(this.bytes, size);
  }

  private async readFact(size: number): Promise<void> {
    const data = await this.bytes.read(Math.min(size, 4));
    if (data.length === 4) this.fact = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    await this.bytes.skip(size - data.length);
    await skipPad(this.bytes, size);
  }

  private async keepOrSkip(id: string, size: number, count: number): Promise<void> {
    const { before, after } = this.metadata;
    const fits = this.keptBytes + size <= METADATA_LIMIT && before.length + after.length < CHUNK_LIMIT;
    if (isKept(id) && id !== 'fmt ' && fits && size <= (this.bytes.remaining ?? Infinity)) {
      const data = (await this.bytes.read(size)).slice();
      if (data.length === size) {
        (this.inData ? after : before).push({ id, data });
        this.keptBytes += size;
      }
    } else {
      if (isKept(id) && count < 1000) this.dropped(id, size);
      await this.bytes.skip(size);
    }
    await skipPad(this.bytes, size);
  }

  private dropped(id: string, size: number): void {
    if (this.warnings.some((warning) => warning.code === 'W_METADATA_DROPPED')) return;
    const message = `The chunk '${id}' of ${size} bytes is cut off or too large to keep, and was left out.`;
    this.warnings.push({ code: 'W_METADATA_DROPPED', message });
  }

  private async enterData(size: number): Promise<number> {
    if (this.format === undefined) {
      throw new InputError('E_CORRUPT', 'The WAV file has its samples before their format.');
    }
    const first = !this.inData;
    this.inData = true;
    if (size === 0xffffffff && first && this.dataSize64) return this.dataSize64;
    if (UNKNOWN_SIZES.has(size)) return Infinity;
    if (size === 0 && first) {
      // Writers that stream leave 0 and may never come back; an empty chunk is followed by the end or by a chunk.
      const next = await this.bytes.peek(8);
      const chunkFollows = next.length === 8 && isChunkId(next);
      if (next.length > 0 && !chunkFollows) return Infinity;
    }
    return size;
  }
}
