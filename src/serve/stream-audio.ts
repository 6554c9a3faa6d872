import { Denoiser } from '../engine/denoiser.js';
import type { Model } from '../engine/model.js';
import type { MusicChoice } from '../engine/music-choice.js';
import { InputError } from '../errors.js';
import { type AudioFrame, encodeAudioFrame, packSamples, unpackSamples } from '../web/audio-frame.js';
import { OpusPacketDecoder, OpusPacketEncoder } from '../web/opus-packets.js';
import type { StreamFormat } from './messages.js';

/**
 * The audio of one stream: frames in, denoised frames out, at the client's rate and in its codec. A sample keeps its index.
 * Where samples are missing, what was heard before is finished, and the stream begins anew behind the gap.
 */
export class StreamAudio {
  /** Samples of each channel that came in and went out. */
  received = 0;
  sent = 0;
  readonly #denoiser: Denoiser;
  readonly #decoder: OpusPacketDecoder | undefined;
  readonly #encoder: OpusPacketEncoder | undefined;
  /** Index of the next sample that is to come; `undefined` before the first. */
  #expected: number | undefined;
  /** Index of the next sample that goes out. */
  #next = 0;
  #sequence = 0;
  #isBroken = false;

  /** @throws UsageError `E_CODEC` where Opus does not carry the format */
  constructor(
    model: Model,
    private readonly format: StreamFormat & {
      strength?: number | undefined;
      music?: MusicChoice | undefined;
    },
  ) {
    const { codec, sampleRate, channels, strength, music } = format;
    if (codec === 'opus') {
      this.#decoder = new OpusPacketDecoder(format);
      this.#encoder = new OpusPacketEncoder(format);
    }
    this.#denoiser = new Denoiser(model.retain(), {
      ...{ sampleRate, channels, hopByHop: true },
      ...(strength !== undefined && { strength }),
      ...(music !== undefined && { music }),
    });
  }

  get latencySamples(): number {
    return this.#denoiser.latencySamples;
  }

  get codecDelaySamples(): number {
    return this.#encoder?.latencySamples ?? 0;
  }

  /**
   * The frames that are ready once `frame` has been heard; calls must not overlap.
   *
   * @throws InputError `E_FORMAT_CHANGED`, `E_FRAME_ORDER`; UsageError `E_OPUS`; ModelError as {@link Denoiser.process}
   */
  async process(frame: AudioFrame): Promise<Uint8Array[]> {
    const { codec, sampleRate, channels } = this.format;
    if (frame.codec !== codec || frame.sampleRate !== sampleRate || frame.channels !== channels)
      throw new InputError('E_FORMAT_CHANGED', 'A frame has another format than the stream began with.', {
        hint: 'Connect again for another format.',
      });
    const samples = this.#decoder?.decode(frame.payload) ?? unpackSamples(frame);
    const { firstSample } = frame;
    const before = this.#expected === undefined ? [] : await this.#skipTo(firstSample, this.#expected);
    if (this.#expected === undefined) this.#next = firstSample;
    this.#expected = firstSample + samples[0].length;
    this.received += samples[0].length;
    return [...before, ...this.#frames(await this.#denoiser.process(samples))];
  }

  /** The rest; nothing may follow but {@link close}. */
  async flush(): Promise<Uint8Array[]> {
    const frames = this.#frames(await this.#denoiser.flush());
    if (this.#encoder === undefined) return frames;
    const silence = new Float32Array(this.#encoder.latencySamples);
    const rest = this.#encoder.encode(Array.from({ length: this.format.channels }, () => silence));
    return [...frames, ...[...rest, ...this.#encoder.flush()].map((packet) => this.#opusFrame(packet))];
  }

  async close(): Promise<void> {
    await this.#denoiser.close();
  }

  async #skipTo(firstSample: number, expected: number): Promise<Uint8Array[]> {
    if (firstSample === expected) return [];
    if (firstSample < expected)
      throw new InputError(
        'E_FRAME_ORDER',
        `A frame begins at sample ${firstSample}, after ${expected} had come.`,
        {
          hint: 'Send samples once and in their order.',
        },
      );
    const frames = await this.flush();
    this.#denoiser.reset();
    this.#next = firstSample;
    this.#isBroken = true;
    return frames;
  }

  #frames(samples: readonly Float32Array[]): Uint8Array[] {
    const { codec } = this.format;
    if (this.#encoder !== undefined)
      return this.#encoder.encode(samples).map((packet) => this.#opusFrame(packet));
    const [{ length }] = samples;
    if (length === 0 || codec === 'opus') return [];
    return [this.#frame(packSamples(samples, codec), length)];
  }

  #opusFrame(packet: Uint8Array): Uint8Array {
    return this.#frame(packet, this.#encoder!.packetSamples);
  }

  #frame(payload: Uint8Array, length: number): Uint8Array {
    const frame = encodeAudioFrame({
      ...{ codec: this.format.codec, sampleRate: this.format.sampleRate, channels: this.format.channels },
      place: 1,
      sequence: this.#sequence++,
      firstSample: this.#next,
      squelchShut: false,
      discontinuity: this.#isBroken,
      payload,
    });
    this.#isBroken = false;
    this.#next += length;
    this.sent += length;
    return frame;
  }
}
