/** Opus as it crosses a WebSocket: one packet per message, libopus compiled for Node. */
import { Decoder, Encoder } from '@evan/opus';
import { UsageError } from '../errors.js';

/** Rates that Opus codes as they are, Hz. */
const OPUS_RATES = [8_000, 12_000, 16_000, 24_000, 48_000] as const;
type OpusRate = (typeof OPUS_RATES)[number];

/** Length of a packet, seconds: the usual one. Shorter ones cost more bytes, longer ones delay. */
const PACKET_SECONDS = 0.02;
/** Bits per second of each channel: speech that cannot be told from the original (Opus, recommended settings). */
const BIT_RATE = 64_000;
/** Request for the samples by which the encoder delays. */
const GET_LOOKAHEAD = 4027;

export interface OpusFormat {
  /** Hz: 8000, 12 000, 16 000, 24 000 or 48 000. */
  sampleRate: number;
  /** 1 or 2. */
  channels: number;
}

/** Cuts samples into packets of 20 ms. */
export class OpusPacketEncoder {
  /** Samples in a packet, per channel. */
  readonly packetSamples: number;
  /** By how many samples the decoded audio trails what was encoded. */
  readonly latencySamples: number;
  readonly #encoder: Encoder;
  readonly #pending: Int16Array;
  readonly #channels: number;
  #filled = 0;

  /** @throws UsageError `E_CODEC` for a rate or number of channels that Opus does not have */
  constructor(format: OpusFormat) {
    const { channels, sampleRate } = demandOpus(format);
    this.#encoder = new Encoder({ channels, sample_rate: sampleRate, application: 'audio' });
    this.#encoder.bitrate = BIT_RATE * channels;
    this.latencySamples = this.#encoder.ctl(GET_LOOKAHEAD);
    this.packetSamples = PACKET_SECONDS * sampleRate;
    this.#channels = channels;
    this.#pending = new Int16Array(this.packetSamples * channels);
  }

  /** The packets that are full now. @param samples `[channels][time]`, any length, full scale ±1 */
  encode(samples: readonly Float32Array[]): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const channels = this.#channels;
    for (let n = 0; n < samples[0].length; n++) {
      for (let c = 0; c < channels; c++)
        this.#pending[this.#filled++] = Math.max(
          -32_768,
          Math.min(32_767, Math.round(samples[c][n] * 32_768)),
        );
      if (this.#filled < this.#pending.length) continue;
      packets.push(this.#encoder.encode(this.#pending).slice());
      this.#filled = 0;
    }
    return packets;
  }

  /** What is left, filled up with silence. */
  flush(): Uint8Array[] {
    const missing = this.packetSamples - this.#filled / this.#channels;
    if (missing === this.packetSamples) return [];
    return this.encode(Array.from({ length: this.#channels }, () => new Float32Array(missing)));
  }
}

/** Makes samples of packets. */
export class OpusPacketDecoder {
  readonly #decoder: Decoder;

  /** @throws UsageError `E_CODEC` for a rate or number of channels that Opus does not have */
  constructor(private readonly format: OpusFormat) {
    const { channels, sampleRate } = demandOpus(format);
    this.#decoder = new Decoder({ channels, sample_rate: sampleRate });
  }

  /** `[channels][time]` of a packet. @throws UsageError `E_OPUS` where the bytes are no packet */
  decode(packet: Uint8Array): Float32Array[] {
    const { channels } = this.format;
    const bytes = this.#decode(packet);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: channels }, (_, c) => {
      const samples = new Float32Array(bytes.length / 2 / channels);
      for (let n = 0; n < samples.length; n++)
        samples[n] = view.getInt16(2 * (n * channels + c), true) / 32_768;
      return samples;
    });
  }

  #decode(packet: Uint8Array): Uint8Array {
    try {
      return this.#decoder.decode(packet);
    } catch (cause) {
      throw new UsageError('E_OPUS', 'A message is no Opus packet.', { cause });
    }
  }
}

function demandOpus({ sampleRate, channels }: OpusFormat): { sampleRate: OpusRate; channels: 1 | 2 } {
  const rate = OPUS_RATES.find((one) => one === sampleRate);
  if (rate !== undefined && (channels === 1 || channels === 2)) return { sampleRate: rate, channels };
  throw new UsageError('E_CODEC', `Opus does not carry ${channels} channels at ${sampleRate} Hz.`, {
    hint: 'Use one or two channels at 8, 12, 16, 24 or 48 kHz, or the codec s16.',
  });
}
