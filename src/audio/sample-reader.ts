import type { ByteReader } from './byte-reader.js';
import type { SampleCodec } from './codecs/sample-codec.js';
import { type AudioFormat, type AudioWarning, blockFrames } from './format.js';
import type { Container, MakeSamples, PlanarBlocks, Samples } from './planar-blocks.js';
import type { Tags } from './tags.js';

/** What is known of a stretch of samples once its header was read. */
export interface SampleStretch {
  container: Container;
  format: AudioFormat;
  codec: SampleCodec;
  /** Bytes that the header declares. Default: all there are. */
  dataBytes?: number;
  /** Samples per channel that the header declares: blocks of compressed samples hold some more at the end. */
  frames?: number;
  tags?: Tags;
  warnings?: AudioWarning[];
}

/** Samples in one stretch, up to the end of the file or of what its header declares. */
export class SampleReader implements PlanarBlocks {
  readonly container: Container;
  readonly format: AudioFormat;
  readonly frames: number | undefined;
  readonly tags: Tags | undefined;
  readonly warnings: AudioWarning[];
  private readonly limit: number;

  /** @param bytes positioned at the first sample */
  constructor(
    private readonly bytes: ByteReader,
    private readonly stretch: SampleStretch,
  ) {
    const {
      container,
      format,
      codec,
      dataBytes = Infinity,
      frames = Infinity,
      tags,
      warnings = [],
    } = stretch;
    this.container = container;
    this.format = format;
    this.tags = tags;
    this.warnings = warnings;
    this.limit = frames;
    const present = Math.min(dataBytes, bytes.remaining ?? Infinity);
    const held = present === Infinity ? Infinity : Math.floor(present / codec.blockBytes) * codec.blockFrames;
    const expected =
      bytes.remaining === undefined && dataBytes === Infinity ? frames : Math.min(held, frames);
    this.frames = expected === Infinity ? undefined : expected;
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { bytes, format } = this;
    const { codec, dataBytes = Infinity } = this.stretch;
    const { blockBytes } = codec;
    const step = blocksAtOnce(codec, format.channels) * blockBytes;
    let leftBytes = dataBytes;
    let leftFrames = this.limit;
    while (leftBytes > 0 && leftFrames > 0) {
      const raw = await bytes.readUnits(blockBytes, Math.min(step, leftBytes));
      leftBytes -= raw.length;
      const count = Math.floor(raw.length / blockBytes);
      if (count > 0) {
        const block = decodeBlocks(codec, raw, count, format.channels, make);
        const frames = Math.min(block[0].length, leftFrames);
        leftFrames -= frames;
        yield block.map((channel) => channel.subarray(0, frames) as T);
      }
      if (raw.length % blockBytes !== 0) this.warnPartial(raw.length % blockBytes, blockBytes);
      if (count === 0) break;
    }
    if (dataBytes !== Infinity && leftBytes > 0) {
      const message = `The file is cut off: ${leftBytes} of the ${dataBytes} bytes of audio it declares are missing.`;
      this.warnings.push({ code: 'W_TRUNCATED', message });
    }
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  private warnPartial(bytes: number, of: number): void {
    const message = `The last frame is incomplete (${bytes} of ${of} bytes) and was left out.`;
    this.warnings.push({ code: 'W_PARTIAL_FRAME', message });
  }
}

/** How many blocks of a codec make up a block of audio as readers emit it. */
export function blocksAtOnce(codec: SampleCodec, channels: number): number {
  return Math.max(1, Math.floor(blockFrames(channels) / codec.blockFrames));
}

/** Decodes whole blocks into new arrays. */
export function decodeBlocks<T extends Samples>(
  codec: SampleCodec,
  raw: Uint8Array,
  count: number,
  channels: number,
  make: MakeSamples<T>,
): T[] {
  const block = Array.from({ length: channels }, () => make(count * codec.blockFrames));
  codec.decode(raw, block, count);
  return block;
}
