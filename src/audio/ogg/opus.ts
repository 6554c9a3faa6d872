import { OpusDecoder } from 'opus-decoder';
import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { quietly } from '../codecs/quietly.js';
import { type AudioFormat, type AudioWarning, blockFrames, integerFormat } from '../format.js';
import type { MakeSamples, PlanarBlocks, Samples } from '../planar-blocks.js';
import type { Tags } from '../tags.js';
import { inWavOrder } from './channel-order.js';
import { commentTags, peekHeaders } from './headers.js';
import { isOpus, OPUS_RATE, type OpusHead, packetSamples, parseOpusHead } from './opus-head.js';
import { type OggPacket, oggPackets } from './packets.js';

/** A gap is filled up to so many samples for each byte of the file so far; a longer one is a jump of the clock. */
const GAP_PER_BYTE = 960;

/**
 * Streaming reader of Opus in Ogg (RFC 7845): what the decoder needs to start is taken off, the end is cut by granule
 * position, and lost packets become silence of the same length. The decoder is libopus.
 */
export class OpusReader implements PlanarBlocks {
  readonly container = 'ogg-opus';
  readonly frames = undefined;
  readonly warnings: AudioWarning[] = [];
  readonly format: AudioFormat;
  private lost = 0;

  private constructor(
    private readonly bytes: ByteReader,
    private readonly head: OpusHead,
    readonly tags: Tags | undefined,
  ) {
    this.format = integerFormat(OPUS_RATE, head.channels, 16);
  }

  /** @throws InputError where the header is cut off, impossible or of a kind that is not read */
  static async open(bytes: ByteReader): Promise<OpusReader> {
    const [head, comments] = await peekHeaders(bytes, isOpus);
    return new OpusReader(bytes, parseOpusHead(head), commentTags(comments, 'OpusTags'));
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    const { head } = this;
    const decoder = new OpusDecoder({
      channels: head.channels,
      streamCount: head.streams,
      coupledStreamCount: head.coupledStreams,
      channelMappingTable: head.mapping,
      preSkip: 0,
    });
    try {
      await decoder.ready;
      const decode = (packet: Uint8Array) => this.decode(decoder, packet);
      for await (const channels of this.pages(decode)) yield* this.scaled(channels, make);
    } finally {
      decoder.free();
    }
    if (this.lost > 0) {
      const seconds = (this.lost / OPUS_RATE).toFixed(3);
      const message = `Damaged or missing packets of the Opus stream (${seconds} s) became silence of the same length.`;
      this.warnings.push({ code: 'W_DAMAGED', message });
    }
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  /** What each page holds, cut and filled by its granule position: stretches of decoded samples. */
  private async *pages(decode: (packet: Uint8Array) => Float32Array[]): AsyncGenerator<Float32Array[]> {
    let waiting: Float32Array[][] = [];
    let position = 0;
    let origin: number | undefined;
    let skip = this.head.preSkip;
    let headers = 0;
    let lossAhead = false;
    for await (const packet of oggPackets(this.bytes, isOpus)) {
      if (packet.first) {
        this.refuseChange(packet);
        [headers, position, origin, skip] = [0, 0, undefined, this.head.preSkip];
      }
      if (headers++ < 2) continue;
      lossAhead ||= packet.afterLoss;
      waiting.push(decode(packet.data));
      const { granule } = packet;
      if (granule === undefined) continue;
      const held = waiting.reduce((sum, channels) => sum + channels[0].length, 0);
      // The first page says where the stream starts; its end is only cut on the last.
      origin ??= packet.last ? 0 : Math.max(0, granule - held);
      const gap = granule - origin - position - held;
      if (gap > 0 && gap <= GAP_PER_BYTE * this.bytes.position && lossAhead) {
        this.lost += gap;
        for (let left = gap; left > 0; left -= OPUS_RATE) yield this.silence(Math.min(left, OPUS_RATE));
        position += gap;
      }
      lossAhead = false;
      let keep = packet.last && gap < 0 ? Math.max(0, held + gap) : held;
      for (const channels of waiting) {
        const from = Math.min(skip, channels[0].length, keep);
        const to = Math.min(channels[0].length, keep);
        skip -= from;
        keep -= to;
        if (to > from) yield channels.map((channel) => channel.subarray(from, to));
      }
      position += held;
      waiting = [];
    }
    // A file that was cut off within a page.
    for (const channels of waiting) {
      const from = Math.min(skip, channels[0].length);
      skip -= from;
      yield channels.map((channel) => channel.subarray(from));
    }
  }

  private decode(decoder: OpusDecoder, packet: Uint8Array): Float32Array[] {
    const expected = packetSamples(packet);
    try {
      const { channelData, samplesDecoded } = quietly(() => decoder.decodeFrame(packet));
      if (samplesDecoded > 0) return channelData;
    } catch (error) {
      // A packet longer than any of Opus can be.
      if (!(error instanceof RangeError)) throw error;
    }
    this.lost += expected;
    return this.silence(expected);
  }

  private silence(frames: number): Float32Array[] {
    return Array.from({ length: this.head.channels }, () => new Float32Array(frames));
  }

  private refuseChange(packet: OggPacket): void {
    if (parseOpusHead(packet.data).channels === this.head.channels) return;
    throw new InputError('E_FORMAT_CHANGES', 'The Opus stream changes its number of channels.', {
      hint: 'Cut it into parts of one format each.',
    });
  }

  private *scaled<T extends Samples>(channels: Float32Array[], make: MakeSamples<T>): Generator<T[]> {
    const { gain } = this.head;
    const step = blockFrames(channels.length);
    for (let at = 0; at < channels[0].length; at += step) {
      yield inWavOrder(channels).map((channel) => {
        const out = make(Math.min(step, channel.length - at));
        for (let i = 0; i < out.length; i++) out[i] = channel[at + i] * gain;
        return out;
      });
    }
  }
}
