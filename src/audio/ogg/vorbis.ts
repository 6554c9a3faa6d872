import { type OggVorbisDecodedAudio, OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { quietly } from '../codecs/quietly.js';
import { type AudioFormat, type AudioWarning, blockFrames, integerFormat } from '../format.js';
import type { MakeSamples, PlanarBlocks, Samples } from '../planar-blocks.js';
import type { Tags } from '../tags.js';
import { checkChannelsAndRate } from '../wav/fmt-chunk.js';
import { inWavOrder } from './channel-order.js';
import { commentTags, peekHeaders, startsWith } from './headers.js';

/** Compressed bytes handed to the decoder at a time. */
const FEED_BYTES = 16 * 1024;

/** Whether a stream of Ogg is Vorbis, by its first packet. */
export function isVorbis(packet: Uint8Array): boolean {
  return startsWith(packet, '\x01vorbis');
}

/** Streaming reader of Vorbis in Ogg; the ends are cut by granule position. The decoder is libvorbis. */
export class VorbisReader implements PlanarBlocks {
  readonly container = 'ogg-vorbis';
  readonly frames = undefined;
  readonly warnings: AudioWarning[] = [];
  private readonly decoder = new OggVorbisDecoder();

  private constructor(
    private readonly bytes: ByteReader,
    readonly format: AudioFormat,
    readonly tags: Tags | undefined,
  ) {}

  /** @throws InputError where the header is cut off or impossible */
  static async open(bytes: ByteReader): Promise<VorbisReader> {
    const [head, comments] = await peekHeaders(bytes, isVorbis);
    if (head === undefined || head.length < 30)
      throw new InputError('E_TRUNCATED', 'The Vorbis header is truncated.');
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const [channels, sampleRate] = [view.getUint8(11), view.getUint32(12, true)];
    checkChannelsAndRate(channels, sampleRate);
    return new VorbisReader(
      bytes,
      integerFormat(sampleRate, channels, 16),
      commentTags(comments, '\x03vorbis'),
    );
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { decoder } = this;
    let errors = 0;
    let frames = 0;
    try {
      await decoder.ready;
      for (let ended = false; !ended; ) {
        const chunk = (await this.bytes.readSome(FEED_BYTES)).slice();
        ended = chunk.length === 0;
        const decoded = await quietly(() => (ended ? decoder.flush() : decoder.decode(chunk)));
        errors += decoded.errors.length;
        frames += decoded.samplesDecoded;
        yield* this.cut(decoded, make);
      }
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError('E_CORRUPT', `The Vorbis stream cannot be decoded: ${(error as Error).message}.`, {
        cause: error,
      });
    } finally {
      decoder.free();
    }
    if (errors > 0)
      this.warnings.push({
        code: 'W_DAMAGED',
        message: `${errors} packets of the Vorbis stream are damaged.`,
      });
    if (frames === 0 && errors > 0)
      throw new InputError('E_CORRUPT', 'The Vorbis stream holds nothing that can be decoded.');
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  private *cut<T extends Samples>(decoded: OggVorbisDecodedAudio, make: MakeSamples<T>): Generator<T[]> {
    const { channelData, samplesDecoded, sampleRate } = decoded;
    if (samplesDecoded === 0) return;
    if (channelData.length !== this.format.channels || sampleRate !== this.format.sampleRate) {
      throw new InputError(
        'E_FORMAT_CHANGES',
        `The Vorbis stream changes to ${channelData.length} channels at ${sampleRate} Hz.`,
        { hint: 'Cut it into parts of one format each.' },
      );
    }
    const step = blockFrames(channelData.length);
    for (let at = 0; at < samplesDecoded; at += step) {
      const length = Math.min(step, samplesDecoded - at);
      yield inWavOrder(channelData).map((channel) => {
        const out = make(length);
        out.set(channel.subarray(at, at + length));
        return out;
      });
    }
  }
}
