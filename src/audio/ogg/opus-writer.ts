import { Encoder } from '@evan/opus';
import { OutputError } from '../../errors.js';
import type { ByteTarget } from '../../files/byte-target.js';
import type { AudioWriter } from '../audio-writer.js';
import { type AudioFormat, integerFormat } from '../format.js';
import { encodePcm, type Planar } from '../pcm.js';
import { Resampler } from '../resample.js';
import { type Tags, vorbisComment } from '../tags.js';
import { OPUS_RATE } from './opus-head.js';
import { OggPageWriter } from './page-writer.js';

/** Samples of a packet: 20 ms. */
const FRAME = 960;

/** Request for the samples that the encoder puts before the first. */
const GET_LOOKAHEAD = 4027;

/** Bits per second for one channel and for two: speech that cannot be told from the original (Opus, recommended settings). */
const BIT_RATES = [64_000, 96_000];

export interface OpusWriterOptions {
  /** Comments and pictures to keep. */
  tags?: Tags;
}

/** Streaming writer of Opus in Ogg (RFC 7845), one or two channels; other rates than 48 kHz are converted. */
export class OpusWriter implements AudioWriter {
  readonly format: AudioFormat;
  frames = 0;
  clipped = 0;
  private readonly encoder: Encoder;
  private readonly preSkip: number;
  private readonly resampler: Resampler;
  private readonly pages: OggPageWriter;
  private readonly pending: Float32Array[];
  private readonly packed: Uint8Array;
  private filled = 0;
  private encoded = 0;
  private length = 0;

  private constructor(target: ByteTarget, { channels, sampleRate }: AudioFormat) {
    this.format = integerFormat(OPUS_RATE, channels, 16);
    this.encoder = new Encoder({
      channels: channels === 1 ? 1 : 2,
      sample_rate: OPUS_RATE,
      application: 'audio',
    });
    this.encoder.bitrate = BIT_RATES[channels - 1];
    this.preSkip = this.encoder.ctl(GET_LOOKAHEAD);
    this.resampler = new Resampler(channels, sampleRate, OPUS_RATE);
    // Files of one stream need no chance in its number, and come out the same every time.
    this.pages = new OggPageWriter(target, 1);
    this.pending = Array.from({ length: channels }, () => new Float32Array(FRAME));
    this.packed = new Uint8Array(2 * FRAME * channels);
  }

  /** Writes the headers. @throws OutputError `E_FORMAT` for more than two channels */
  static async create(
    target: ByteTarget,
    format: AudioFormat,
    options: OpusWriterOptions = {},
  ): Promise<OpusWriter> {
    if (format.channels > 2) {
      const message = `Opus is written with one or two channels, the recording has ${format.channels}.`;
      throw new OutputError('E_FORMAT', message, { hint: 'Write it as FLAC or WAV: --format flac.' });
    }
    const writer = new OpusWriter(target, format);
    await writer.pages.header(writer.head(format.sampleRate));
    const tags = vorbisComment(options.tags ?? { comments: [], pictures: [] }, true);
    await writer.pages.header(Buffer.concat([Buffer.from('OpusTags', 'latin1'), tags]));
    return writer;
  }

  async write(samples: Planar): Promise<void> {
    this.frames += samples[0]?.length ?? 0;
    const single = samples.map((channel) =>
      channel instanceof Float32Array ? channel : Float32Array.from(channel),
    );
    await this.encode(this.resampler.process(single));
  }

  /** Pages are complete as they are. */
  async syncHeader(): Promise<void> {}

  async finish(): Promise<void> {
    await this.encode(this.resampler.flush());
    const end = this.preSkip + this.length;
    // What the encoder holds back comes out with silence behind it.
    while (this.encoded < end) {
      for (const channel of this.pending) channel.fill(0, this.filled);
      await this.writePacket();
    }
    await this.pages.end(end);
  }

  private async encode(samples: readonly Float32Array[]): Promise<void> {
    const count = samples[0].length;
    this.length += count;
    for (let at = 0; at < count; ) {
      const take = Math.min(count - at, FRAME - this.filled);
      this.pending.forEach((channel, c) => void channel.set(samples[c].subarray(at, at + take), this.filled));
      this.filled += take;
      at += take;
      if (this.filled === FRAME) await this.writePacket();
    }
  }

  private async writePacket(): Promise<void> {
    this.clipped += encodePcm(this.pending, this.format, this.packed, FRAME);
    this.filled = 0;
    this.encoded += FRAME;
    await this.pages.packet(this.encoder.encode(this.packed), this.encoded);
  }

  /** The identification header (RFC 7845, section 5.1). */
  private head(inputRate: number): Uint8Array {
    const head = Buffer.alloc(19);
    head.write('OpusHead', 0, 'latin1');
    head[8] = 1;
    head[9] = this.format.channels;
    head.writeUInt16LE(this.preSkip, 10);
    head.writeUInt32LE(inputRate, 12);
    return head;
  }
}
