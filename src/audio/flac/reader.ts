import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { type AudioFormat, type AudioWarning, blockFrames, integerFormat } from '../format.js';
import type { MakeSamples, PlanarBlocks, Samples } from '../planar-blocks.js';
import type { Tags } from '../tags.js';
import { checkChannelsAndRate } from '../wav/fmt-chunk.js';
import type { FrameHeader } from './frame-header.js';
import { type Found, FrameStream } from './frame-stream.js';
import { type FlacMetadata, readMetadata } from './metadata.js';
import { SampleDigest } from './sample-digest.js';
import { Timeline } from './timeline.js';

/** What may stand behind the last frame and is no audio: tags of other kinds. */
const FOREIGN_TAGS = /^(TAG|APETAGEX|LYRICSBE)/;

/**
 * Streaming reader of native FLAC with 4 to 32 bits per sample, exact in double precision; memory does not grow with the
 * length. A damaged frame becomes silence of the same length. Format: RFC 9639.
 */
export class FlacReader implements PlanarBlocks {
  readonly container = 'flac';

  private constructor(
    private readonly bytes: ByteReader,
    private readonly metadata: FlacMetadata,
    private readonly stream: FrameStream,
    private readonly first: Found,
    readonly format: AudioFormat,
    private readonly bits: number,
    readonly warnings: AudioWarning[],
  ) {}

  /**
   * Reads the header and the first frame, as old and broken files say in their frames what they do not in the header.
   *
   * @param bytes positioned at `fLaC`, or at or before a frame
   * @throws InputError where the header is cut off, or there is no frame that could be decoded
   */
  static async open(bytes: ByteReader): Promise<FlacReader> {
    const warnings: AudioWarning[] = [];
    const metadata = await readMetadata(bytes, warnings);
    const { info } = metadata;
    const stream = new FrameStream(bytes, info?.bits ?? 0);
    const first = await stream.next();
    const { header } = first;
    if (header === undefined && (info === undefined || info.frames !== undefined)) {
      throw new InputError('E_CORRUPT', 'The FLAC stream holds no frame that can be decoded.', {
        hint: 'The file was cut off or damaged; get it again from where it came.',
      });
    }
    const sampleRate = header?.sampleRate ?? info?.sampleRate ?? 0;
    const channels = header?.channels ?? info?.channels ?? 0;
    const bits = header?.bits ?? info?.bits ?? 0;
    checkChannelsAndRate(channels, sampleRate);
    if (info !== undefined) {
      const stated = describe(info.sampleRate, info.channels, info.bits);
      const meant = describe(sampleRate, channels, bits);
      const message = `The FLAC header says ${stated}, but its frames are of ${meant}, which was believed.`;
      if (stated !== meant) warnings.push({ code: 'W_HEADER', message });
    }
    const format = integerFormat(sampleRate, channels, bits);
    return new FlacReader(bytes, metadata, stream, first, format, bits, warnings);
  }

  get frames(): number | undefined {
    return this.metadata.info?.frames;
  }

  get tags(): Tags | undefined {
    return this.metadata.tags;
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { info } = this.metadata;
    const timeline = new Timeline(this.format.sampleRate, info, this.first.header?.blockSize ?? 0);
    const digest = new SampleDigest(Math.ceil(this.bits / 8));
    let found = this.first;
    for (; found.header !== undefined; found = await this.stream.next()) {
      this.refuseChange(found.header);
      yield* this.silence(timeline.gapBefore(found.header, found, this.bytes.position), make);
      const { blockSize } = found.header;
      if (info?.md5 !== undefined) digest.add(this.stream.channels, this.format.channels, blockSize);
      yield* this.scaled(blockSize, make);
      timeline.advance(blockSize);
    }
    const owed = timeline.gapAtEnd(found);
    yield* this.silence(owed, make);
    const foreign = FOREIGN_TAGS.test(Buffer.from(found.skippedStart).toString('latin1'));
    this.warnings.push(...timeline.warnings(owed === 0 && !foreign ? found.skipped : 0));
    if (info?.md5 !== undefined && timeline.whole && digest.digest().toString('hex') !== info.md5) {
      const message = 'The samples do not match the MD5 checksum of the FLAC file: it was damaged or edited.';
      this.warnings.push({ code: 'W_CHECKSUM', message });
    }
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  private refuseChange(header: FrameHeader): void {
    const { sampleRate, channels } = this.format;
    const is = describe(
      header.sampleRate ?? this.metadata.info?.sampleRate ?? 0,
      header.channels,
      this.stream.bitsOf(header),
    );
    const was = describe(sampleRate, channels, this.bits);
    if (is === was) return;
    throw new InputError('E_FORMAT_CHANGES', `The FLAC stream changes from ${was} to ${is}.`, {
      hint: 'Cut it into parts of one format each.',
    });
  }

  private *scaled<T extends Samples>(blockSize: number, make: MakeSamples<T>): Generator<T[]> {
    const step = blockFrames(this.format.channels);
    const scale = 2 ** (1 - this.bits);
    for (let from = 0; from < blockSize; from += step) {
      const length = Math.min(step, blockSize - from);
      yield this.stream.channels.slice(0, this.format.channels).map((channel) => {
        const out = make(length);
        for (let i = 0; i < length; i++) out[i] = channel[from + i] * scale;
        return out;
      });
    }
  }

  private *silence<T extends Samples>(frames: number, make: MakeSamples<T>): Generator<T[]> {
    const { channels } = this.format;
    const step = blockFrames(channels);
    for (let left = frames; left > 0; left -= step) {
      yield Array.from({ length: channels }, () => make(Math.min(step, left)));
    }
  }
}

function describe(sampleRate: number, channels: number, bits: number): string {
  return `${sampleRate} Hz, ${channels === 1 ? '1 channel' : `${channels} channels`}, ${bits} bits`;
}
