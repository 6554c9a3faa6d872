import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { type AudioFormat, type AudioWarning, BYTES_PER_SAMPLE, blockFrames } from '../format.js';
import { decodePcm } from '../pcm.js';
import type { MakeSamples, PlanarBlocks, Samples } from '../planar-blocks.js';
import { chunkId, skipPad, type WavMetadata } from './chunks.js';
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
  private readonly frameBytes: number;

  private constructor(
    private readonly bytes: ByteReader,
    private readonly walk: ChunkWalk,
    private readonly firstData: number,
  ) {
    this.format = walk.format as AudioFormat;
    this.frameBytes = BYTES_PER_SAMPLE[this.format.sampleFormat] * this.format.channels;
    const present = Math.min(firstData, bytes.remaining ?? Infinity);
    this.frames = present === Infinity ? undefined : Math.floor(present / this.frameBytes);
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

  /** The samples as stored: whole interleaved frames, at most `blockFrames` per block, valid until the next block. */
  async *rawBlocks(): AsyncGenerator<Uint8Array> {
    const { bytes, frameBytes } = this;
    const step = blockFrames(this.format.channels) * frameBytes;
    for (
      let size: number | undefined = this.firstData;
      size !== undefined;
      size = await this.walk.nextData()
    ) {
      let left = size;
      let partial = 0;
      while (left > 0) {
        const block = await bytes.readUnits(frameBytes, Math.min(step, left));
        if (block.length === 0) break;
        left -= block.length;
        partial = block.length % frameBytes;
        if (block.length > partial) yield block.subarray(0, block.length - partial);
      }
      this.reportEnd(size, left, partial);
      if (size === Infinity || left > 0) return;
      await skipPad(bytes, size);
    }
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { format, frameBytes } = this;
    for await (const raw of this.rawBlocks()) {
      const frames = raw.length / frameBytes;
      const block = Array.from({ length: format.channels }, () => make(frames));
      decodePcm(raw, format, block, frames);
      yield block;
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
      const message = `The last frame is incomplete (${partial} of ${this.frameBytes} bytes) and was left out.`;
      this.warnings.push({ code: 'W_PARTIAL_FRAME', message });
    }
  }
}
