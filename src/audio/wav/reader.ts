import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import type { SampleCodec } from '../codecs/sample-codec.js';
import type { AudioFormat, AudioWarning } from '../format.js';
import type { MakeSamples, PlanarBlocks, Samples } from '../planar-blocks.js';
import { blocksAtOnce, decodeBlocks } from '../sample-reader.js';
import { chunkId, skipPad, type WavMetadata } from './chunks.js';
import type { WavFormat } from './fmt-chunk.js';
import { ChunkWalk } from './header.js';

const FORMS = new Set(['RIFF', 'RF64', 'BW64']);

/**
 * Streaming reader of RIFF, RF64 and BW64 WAV in constant memory. Takes what writers in the field make: chunks
 * anywhere, several `data` chunks, sizes that a pipe could not patch, forgotten pad bytes, cut-off ends.
 */
export class WavReader implements PlanarBlocks {
  readonly container = 'wav';
  readonly format: AudioFormat;
  /** Frames in the first `data` chunk, no more than the file has room for; `undefined` on a pipe of unknown length. */
  readonly frames: number | undefined;
  /** Whether the samples are stored in another form than they are given. */
  readonly coded: boolean;
  private readonly codec: SampleCodec;

  private constructor(
    private readonly bytes: ByteReader,
    private readonly walk: ChunkWalk,
    private readonly firstData: number,
  ) {
    const { format, codec, plain } = walk.format as WavFormat;
    this.format = format;
    this.codec = codec;
    this.coded = !plain;
    const present = Math.min(firstData, bytes.remaining ?? Infinity);
    const held = Math.floor(present / codec.blockBytes) * codec.blockFrames;
    if (present !== Infinity) this.frames = plain ? held : Math.min(held, walk.fact ?? Infinity);
  }

  /**
   * Reads the header up to the samples.
   *
   * @param bytes positioned at `RIFF`, `RF64` or `BW64`
   * @throws InputError where the header is cut off, corrupt, or declares what is not supported
   */
  static async open(bytes: ByteReader): Promise<WavReader> {
    const head = await bytes.read(12);
    if (head.length < 12) {
      throw new InputError(
        'E_TRUNCATED',
        'The WAV header is truncated: the file ends within its first 12 bytes.',
      );
    }
    if (!FORMS.has(chunkId(head)) || chunkId(head.subarray(8)) !== 'WAVE') {
      throw new InputError('E_NOT_AUDIO', 'The file is RIFF but not WAV.');
    }
    const walk = new ChunkWalk(bytes, []);
    const size = await walk.nextData();
    return new WavReader(bytes, walk, size as number);
  }

  get warnings(): AudioWarning[] {
    return this.walk.warnings;
  }

  /** Metadata; `after` is complete once all blocks were read. */
  get metadata(): WavMetadata {
    return this.walk.metadata;
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { bytes, codec, format } = this;
    const { blockBytes } = codec;
    const step = blocksAtOnce(codec, format.channels) * blockBytes;
    let owed = this.coded ? (this.walk.fact ?? Infinity) : Infinity;
    for (
      let size: number | undefined = this.firstData;
      size !== undefined;
      size = await this.walk.nextData()
    ) {
      let left = size;
      let partial = 0;
      while (left > 0) {
        const raw = await bytes.readUnits(blockBytes, Math.min(step, left));
        if (raw.length === 0) break;
        left -= raw.length;
        partial = raw.length % blockBytes;
        const count = (raw.length - partial) / blockBytes;
        const block = count > 0 ? decodeBlocks(codec, raw, count, format.channels, make) : [];
        const frames = Math.min(owed, block[0]?.length ?? 0);
        owed -= frames;
        if (frames > 0) yield block.map((channel) => channel.subarray(0, frames) as T);
      }
      this.reportEnd(size, left, partial);
      if (size === Infinity || left > 0) return;
      await skipPad(bytes, size);
    }
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  private reportEnd(declared: number, missing: number, partial: number): void {
    if (declared !== Infinity && missing > 0) {
      const message = `The WAV file is cut off: ${missing} of the ${declared} bytes of audio it declares are missing.`;
      this.warnings.push({ code: 'W_TRUNCATED', message });
    }
    if (partial > 0) {
      const message = `The last frame is incomplete (${partial} of ${this.codec.blockBytes} bytes) and was left out.`;
      this.warnings.push({ code: 'W_PARTIAL_FRAME', message });
    }
  }
}
