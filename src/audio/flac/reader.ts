import { type FLACDecodedAudio, FLACDecoder } from '@wasm-audio-decoders/flac';
import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { type AudioWarning, blockFrames } from '../format.js';
import type { PlanarBlocks } from '../planar-blocks.js';
import { type FlacStreamInfo, parseStreamInfo, STREAM_INFO_END } from './stream-info.js';

/** Compressed bytes handed to the decoder at a time: some four to ten frames of music, so blocks stay small. */
const FEED_BYTES = 32 * 1024;

/** An ID3v1 tag, which some programs put behind the last frame: the decoder would take it for a part of that. */
const ID3V1_BYTES = 128;
const ID3V1_MAGIC = Buffer.from('TAG', 'latin1');

/** Decoders that finished, to be used again: compiling and starting one costs 40 ms, a reset 1 ms. */
const idle: FLACDecoder[] = [];
const MAX_IDLE = 2;

async function takeDecoder(): Promise<FLACDecoder> {
  const decoder = idle.pop() ?? new FLACDecoder();
  await decoder.ready;
  return decoder;
}

/**
 * Runs one call of the decoder without its reports on the console: it prints every damaged frame on stderr, which
 * belongs to the program. The call does its work before it returns its promise, so nothing else can print meanwhile.
 */
function silently(call: () => Promise<FLACDecodedAudio>): Promise<FLACDecodedAudio> {
  const report = console.error;
  console.error = () => {};
  try {
    return call();
  } finally {
    console.error = report;
  }
}

/**
 * The header of a frame that never follows. The decoder tells where a frame ends by the header behind it; at the end of a
 * stream it tries all that is left as one frame, and lost the last 137 ms of every fourth of 320 recordings, whose silent
 * ends are frames of 13 bytes. Layout and checksum: RFC 9639, section 9.1.
 */
function closingHeader({ channels }: FlacStreamInfo): Uint8Array {
  // Sync code; 192 samples at the stream's rate; independent channels of the stream's width; frame number 0.
  const header = [0xff, 0xf8, 0x10, (channels - 1) << 4, 0];
  let crc = 0;
  for (const byte of header) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
  }
  const padded = new Uint8Array(64);
  padded.set([...header, crc]);
  return padded;
}

/** Streaming reader of FLAC, native or in Ogg; memory does not grow with the length. */
export class FlacReader implements PlanarBlocks {
  readonly container = 'flac';
  readonly warnings: AudioWarning[] = [];

  private constructor(
    private readonly bytes: ByteReader,
    readonly format: FlacStreamInfo,
    private readonly bias: number,
  ) {}

  /**
   * Reads the header.
   *
   * @param bytes positioned at `fLaC` or, for Ogg, `OggS`
   * @throws InputError where the header is cut off or not FLAC
   */
  static async open(bytes: ByteReader): Promise<FlacReader> {
    const head = await bytes.peek(128);
    const ogg = head[0] === 0x4f;
    // In Ogg the first packet is 0x7F "FLAC", version, packet count, then the native stream header (RFC 9639, 10.1).
    const info = parseStreamInfo(ogg ? head.subarray(28 + 9) : head.subarray(0, STREAM_INFO_END));
    return new FlacReader(bytes, info, 2 ** (info.bits - 1) - 1);
  }

  get frames(): number | undefined {
    return this.format.frames;
  }

  /** Decoded audio, at most `blockFrames` per block. Frames that fail their checksum are left out, with a warning. */
  async *blocks(): AsyncGenerator<Float32Array[]> {
    const decoder = await takeDecoder();
    let frames = 0;
    let damaged = 0;
    let finished = false;
    let closed = false;
    try {
      for (;;) {
        let chunk = await this.nextBytes();
        const last = chunk.length === 0 && closed;
        if (chunk.length === 0 && !closed) {
          chunk = closingHeader(this.format);
          closed = true;
        }
        const decoded = await silently(() => (last ? decoder.flush() : decoder.decode(chunk)));
        damaged += decoded.errors.length;
        if (decoded.samplesDecoded > 0) {
          this.expectSameFormat(decoded);
          frames += decoded.samplesDecoded;
          yield* this.exact(decoded);
        }
        if (last) break;
      }
      finished = true;
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError('E_CORRUPT', `The FLAC stream cannot be decoded: ${(error as Error).message}.`, {
        cause: error,
      });
    } finally {
      if (finished && idle.length < MAX_IDLE) idle.push(decoder);
      else decoder.free();
    }
    this.report(frames, damaged);
  }

  close(): Promise<void> {
    return this.bytes.close();
  }

  /** The next compressed bytes, a copy, as the decoder keeps what it does not need yet; empty at the end. */
  private async nextBytes(): Promise<Uint8Array> {
    const ahead = await this.bytes.peek(FEED_BYTES + ID3V1_BYTES);
    const tail = ahead.subarray(Math.max(0, ahead.length - ID3V1_BYTES));
    const tagged =
      ahead.length < FEED_BYTES + ID3V1_BYTES && Buffer.from(tail.subarray(0, 3)).equals(ID3V1_MAGIC);
    const end = tagged && tail.length === ID3V1_BYTES ? ahead.length - ID3V1_BYTES : ahead.length;
    return (await this.bytes.read(Math.min(end, FEED_BYTES))).slice();
  }

  private expectSameFormat(decoded: FLACDecodedAudio): void {
    const { sampleRate, channels } = this.format;
    if (decoded.channelData.length === channels && decoded.sampleRate === sampleRate) return;
    throw new InputError(
      'E_CORRUPT',
      `The FLAC stream changes from ${channels} channels at ${sampleRate} Hz to ${decoded.channelData.length} at ${decoded.sampleRate} Hz.`,
    );
  }

  /** Undoes the decoder's division by 2^(bits−1) − 1, so that codes are exact multiples of 2^−(bits−1) as everywhere here. */
  private *exact(decoded: FLACDecodedAudio): Generator<Float32Array[]> {
    const scale = this.bias + 1;
    for (const channel of decoded.channelData) {
      for (let i = 0; i < channel.length; i++) channel[i] = Math.round(channel[i] * this.bias) / scale;
    }
    const step = blockFrames(this.format.channels);
    for (let at = 0; at < decoded.samplesDecoded; at += step) {
      yield decoded.channelData.map((channel) => channel.subarray(at, at + step));
    }
  }

  private report(frames: number, damaged: number): void {
    if (frames === 0 && this.frames !== undefined) {
      throw new InputError('E_CORRUPT', 'The FLAC stream holds no frame that can be decoded.', {
        hint: 'The file was cut off or damaged; get it again from where it came.',
      });
    }
    if (damaged > 0) {
      this.warnings.push({ code: 'W_DAMAGED', message: `${damaged} damaged FLAC frames were left out.` });
    }
    if (this.frames !== undefined && frames < this.frames) {
      const message = `The FLAC stream ends after ${frames} of the ${this.frames} frames it declares.`;
      this.warnings.push({ code: 'W_TRUNCATED', message });
    }
  }
}
