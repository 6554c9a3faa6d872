import { type MPEGDecodedAudio, MPEGDecoder } from 'mpg123-decoder';
import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { quietly } from '../codecs/quietly.js';
import { type AudioFormat, type AudioWarning, blockFrames, integerFormat } from '../format.js';
import type { MakeSamples, PlanarBlocks, Samples } from '../planar-blocks.js';
import type { Tags } from '../tags.js';
import { findMpegFrames, type MpegHeader, parseMpegHeader } from './frame-header.js';

/** Compressed bytes handed to the decoder at a time: about a second of speech. */
const FEED_BYTES = 16 * 1024;

/** Bytes searched for the first frame. */
const SEARCH_BYTES = 64 * 1024;

/** Samples that the decoder needs to start, beside what the encoder says that it added (LAME, tag revision 1). */
const DECODER_DELAY = 529;

/**
 * Streaming reader of MPEG audio, layers I to III. What encoder and decoder add at both ends is taken off again where the
 * file tells how much (Xing and LAME tags); the decoder is mpg123.
 */
export class Mp3Reader implements PlanarBlocks {
  readonly container = 'mp3';
  readonly warnings: AudioWarning[] = [];
  readonly format: AudioFormat;
  private readonly decoder = new MPEGDecoder();

  private constructor(
    private readonly bytes: ByteReader,
    header: MpegHeader,
    readonly frames: number | undefined,
    readonly tags: Tags | undefined,
  ) {
    this.format = integerFormat(header.sampleRate, header.channels, 16);
  }

  /**
   * Finds the first frame.
   *
   * @param bytes positioned behind an ID3v2 tag
   * @throws InputError `E_CORRUPT` where there is none
   */
  static async open(bytes: ByteReader, tags?: Tags): Promise<Mp3Reader> {
    const ahead = await bytes.peek(SEARCH_BYTES);
    const start = findMpegFrames(ahead);
    const header = start < 0 ? undefined : parseMpegHeader(ahead, start);
    if (header === undefined) {
      throw new InputError('E_CORRUPT', 'The MP3 file holds no frame that can be decoded.', {
        hint: 'The file was cut off or damaged; get it again from where it came.',
      });
    }
    const frames = declaredFrames(ahead.subarray(start, start + header.bytes), header);
    await bytes.skip(start);
    return new Mp3Reader(bytes, header, frames, tags);
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { decoder } = this;
    const step = blockFrames(this.format.channels);
    let frames = 0;
    let errors = 0;
    try {
      await decoder.ready;
      for (;;) {
        const chunk = await this.bytes.readSome(FEED_BYTES);
        if (chunk.length === 0) break;
        const decoded = quietly(() => decoder.decode(chunk));
        errors += decoded.errors.length;
        this.refuseChange(decoded);
        for (let at = 0; at < decoded.samplesDecoded; at += step) {
          const length = Math.min(step, decoded.samplesDecoded - at);
          frames += length;
          yield decoded.channelData.slice(0, this.format.channels).map((channel) => {
            const out = make(length);
            out.set(channel.subarray(at, at + length));
            return out;
          });
        }
      }
    } finally {
      decoder.free();
    }
    if (errors > 0)
      this.warnings.push({ code: 'W_DAMAGED', message: `${errors} places of the MP3 file are damaged.` });
    if (this.frames !== undefined && frames < this.frames) {
      const message = `The MP3 file ends after ${frames} of the ${this.frames} samples that it declares.`;
      this.warnings.push({ code: 'W_TRUNCATED', message });
    }
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  private refuseChange({ samplesDecoded, sampleRate }: MPEGDecodedAudio): void {
    if (samplesDecoded === 0 || sampleRate === this.format.sampleRate) return;
    const message = `The MP3 file changes from ${this.format.sampleRate} Hz to ${sampleRate} Hz.`;
    throw new InputError('E_FORMAT_CHANGES', message, { hint: 'Cut it into parts of one sample rate each.' });
  }
}

/** The length by the Xing tag in the first frame, less what the LAME tag behind it says that was added. */
function declaredFrames(frame: Uint8Array, header: MpegHeader): number | undefined {
  const tag = Buffer.from(frame.subarray(header.tagAt));
  if (header.layer !== 3 || !/^(Xing|Info)/.test(tag.toString('latin1', 0, 4)) || tag.length < 12)
    return undefined;
  if ((tag.readUInt32BE(4) & 1) === 0) return undefined;
  const all = tag.readUInt32BE(8) * header.samples;
  if (tag.length < 144 || !/^L(AME|avc|avf)/.test(tag.toString('latin1', 120, 124))) return undefined;
  const added = tag.readUIntBE(141, 3);
  const [delay, padding] = [added >> 12, added & 0xfff];
  // No more than the decoder itself can take off at the end.
  return Math.max(0, all - delay - Math.max(padding, DECODER_DELAY));
}
