import { OutputError } from '../../errors.js';
import type { ByteTarget } from '../../files/byte-target.js';
import type { AudioWriter } from '../audio-writer.js';
import { type AudioFormat, BYTES_PER_SAMPLE } from '../format.js';
import type { Planar } from '../pcm.js';
import { type Tags, vorbisComment } from '../tags.js';
import { FrameEncoder } from './encode-frame.js';
import { BLOCK } from './metadata.js';
import { SampleDigest } from './sample-digest.js';
import { STREAM_INFO_BYTES } from './stream-info.js';

/** Samples per channel of a frame: what the reference encoder takes. */
const BLOCK_SIZE = 4096;

/** Where the body of STREAMINFO stands. */
const STREAM_INFO_AT = 8;

const LIMITS = { channels: 8, sampleRate: 2 ** 20 - 1, blockBytes: 2 ** 24 - 1 } as const;

export interface FlacWriterOptions {
  /** Comments, pictures and other blocks to keep. */
  tags?: Tags;
  /** How many frames will come, where known; on a pipe it stands in the header. */
  frames?: number;
}

/** Streaming writer of native FLAC, 4 to 32 bits per sample, without loss. */
export class FlacWriter implements AudioWriter {
  frames = 0;
  clipped = 0;
  private readonly bits: number;
  private readonly encoder: FrameEncoder;
  private readonly digest: SampleDigest;
  private readonly pending: Float64Array[];
  private filled = 0;
  private shortest = Infinity;
  private longest = 0;

  private constructor(
    private readonly target: ByteTarget,
    readonly format: AudioFormat,
    private readonly options: FlacWriterOptions,
  ) {
    this.bits = Math.max(4, format.validBits ?? BYTES_PER_SAMPLE[format.sampleFormat] * 8);
    this.encoder = new FrameEncoder(format.sampleRate, this.bits);
    this.digest = new SampleDigest(Math.ceil(this.bits / 8));
    this.pending = Array.from({ length: format.channels }, () => new Float64Array(BLOCK_SIZE));
  }

  /**
   * Writes the header. `finish()` completes the file; the target stays open.
   *
   * @param format floats become integers of 24 bits
   * @throws OutputError `E_FORMAT` for more than 8 channels or 1 048 575 Hz
   */
  static async create(
    target: ByteTarget,
    format: AudioFormat,
    options: FlacWriterOptions = {},
  ): Promise<FlacWriter> {
    if (format.channels > LIMITS.channels || format.sampleRate > LIMITS.sampleRate) {
      const limits = `at most ${LIMITS.channels} channels and ${LIMITS.sampleRate} Hz`;
      throw new OutputError(
        'E_FORMAT',
        `FLAC holds ${limits}, the recording has ${format.channels} and ${format.sampleRate}.`,
        { hint: 'Write it as WAV: --format wav.' },
      );
    }
    const float = format.sampleFormat === 'f32' || format.sampleFormat === 'f64';
    const { sampleRate, channels } = format;
    const integer: AudioFormat = float ? { sampleRate, channels, sampleFormat: 's24' } : format;
    const writer = new FlacWriter(target, integer, options);
    await target.write(writer.head());
    return writer;
  }

  async write(samples: Planar): Promise<void> {
    const length = samples[0]?.length ?? 0;
    for (let at = 0; at < length; ) {
      const count = Math.min(length - at, BLOCK_SIZE - this.filled);
      this.quantise(samples, at, count);
      at += count;
      this.filled += count;
      this.frames += count;
      if (this.filled === BLOCK_SIZE) await this.writeFrame();
    }
  }

  async syncHeader(): Promise<void> {
    await this.target.patch?.(STREAM_INFO_AT, this.streamInfo(this.frames - this.filled));
  }

  async finish(): Promise<void> {
    if (this.filled > 0) await this.writeFrame();
    await this.target.patch?.(STREAM_INFO_AT, this.streamInfo(this.frames, this.digest.digest()));
  }

  private quantise(samples: Planar, from: number, count: number): void {
    const scale = 2 ** (this.bits - 1);
    for (const [c, channel] of this.pending.entries()) {
      for (let i = 0; i < count; i++) {
        const sample = samples[c][from + i];
        let code = Math.round(sample * scale);
        if (code >= scale) {
          // +1.0 itself is what a full-scale integer becomes in single precision.
          if (sample > 1) this.clipped++;
          code = scale - 1;
        } else if (code < -scale) {
          this.clipped++;
          code = -scale;
        }
        channel[this.filled + i] = code;
      }
    }
  }

  private async writeFrame(): Promise<void> {
    this.digest.add(this.pending, this.pending.length, this.filled);
    const frame = this.encoder.encode(this.pending, this.filled);
    this.shortest = Math.min(this.shortest, frame.length);
    this.longest = Math.max(this.longest, frame.length);
    this.filled = 0;
    await this.target.write(frame);
  }

  private head(): Uint8Array {
    const { tags } = this.options;
    const blocks = [
      { type: BLOCK.streamInfo, data: this.streamInfo(this.options.frames ?? 0) },
      { type: BLOCK.comment, data: vorbisComment(tags ?? { comments: [], pictures: [] }, false) },
      ...(tags?.blocks ?? []),
      ...(tags?.pictures ?? []).map((data) => ({ type: BLOCK.picture, data })),
    ].filter(({ data }) => data.length <= LIMITS.blockBytes);
    const parts = blocks.map(({ type, data }, i) => {
      const block = Buffer.alloc(4 + data.length);
      block.writeUInt32BE(data.length);
      block[0] = type | (i === blocks.length - 1 ? 0x80 : 0);
      block.set(data, 4);
      return block;
    });
    return Buffer.concat([Buffer.from('fLaC', 'latin1'), ...parts]);
  }

  /** STREAMINFO (RFC 9639, section 8.2); figures not known yet are 0. */
  private streamInfo(frames: number, md5?: Uint8Array): Uint8Array {
    const { sampleRate, channels } = this.format;
    const info = Buffer.alloc(STREAM_INFO_BYTES);
    info.writeUInt16BE(BLOCK_SIZE, 0);
    info.writeUInt16BE(BLOCK_SIZE, 2);
    if (this.longest > 0) {
      info.writeUIntBE(this.shortest, 4, 3);
      info.writeUIntBE(this.longest, 7, 3);
    }
    const known = frames < 2 ** 36 ? frames : 0;
    const packed = sampleRate * 2 ** 12 + (channels - 1) * 2 ** 9 + (this.bits - 1) * 2 ** 4;
    info.writeUInt32BE(packed + Math.floor(known / 2 ** 32), 10);
    info.writeUInt32BE(known % 2 ** 32, 14);
    if (md5 !== undefined) info.set(md5, 18);
    return info;
  }
}
