import type { AudioChunk } from '../audio/chunk.js';
import { toDenoiseError } from '../errors.js';
import { encodeAudioFrame, packSamples } from '../web/audio-frame.js';
import { OpusPacketEncoder } from '../web/opus-packets.js';
import { AUDIO_PLACES } from './protocol/audio-places.js';
import { type Topic, topicKey } from './protocol/messages.js';
import type { Subscriber } from './target.js';

/** Sends the chunks of a place as frames, and says where some are missing. @throws UsageError `E_CODEC` */
export function audioSender(topic: Extract<Topic, { topic: 'audio' }>, to: Subscriber) {
  const { codec, place } = topic;
  const key = topicKey(topic);
  let sequence = 0;
  let isBroken = false;
  let opus: OpusStretches | undefined;
  const send = (chunk: AudioChunk, firstSample: number, payload: Uint8Array): void => {
    const taken = to.frame(
      key,
      encodeAudioFrame({
        codec,
        place: AUDIO_PLACES.indexOf(place),
        sequence: sequence++,
        firstSample,
        sampleRate: chunk.sampleRate,
        channels: chunk.samples.length,
        squelchShut: chunk.squelchOpen === false,
        discontinuity: isBroken,
        payload,
      }),
    );
    isBroken = !taken;
  };
  const sendOpus = (chunk: AudioChunk, isNew: boolean): void => {
    try {
      if (isNew || opus?.sampleRate !== chunk.sampleRate) opus = new OpusStretches(chunk);
      for (const [firstSample, packet] of opus.packets(chunk)) send(chunk, firstSample, packet);
    } catch (error) {
      // A source of 44.1 kHz, say: which rate a session has is known with its first chunk only.
      to.message({ type: 'error', error: toDenoiseError(error, 'Coding audio').toJSON() });
      throw error;
    }
  };
  return (chunk: AudioChunk, missed: number) => {
    const isNew = missed > 0 || chunk.discontinuity !== undefined;
    isBroken ||= isNew;
    if (codec === 'opus') sendOpus(chunk, isNew);
    else send(chunk, Number(chunk.firstSample), packSamples(chunk.samples, codec));
  };
}

/** Audio without gaps as Opus, each packet with the index of its first sample. */
class OpusStretches {
  readonly sampleRate: number;
  readonly #encoder: OpusPacketEncoder;
  #next: number;

  /** @throws UsageError `E_CODEC` */
  constructor({ sampleRate, samples, firstSample }: AudioChunk) {
    this.sampleRate = sampleRate;
    this.#encoder = new OpusPacketEncoder({ sampleRate, channels: samples.length });
    this.#next = Number(firstSample);
  }

  packets({ samples }: AudioChunk): [number, Uint8Array][] {
    return this.#encoder.encode(samples).map((packet) => {
      const first = this.#next;
      this.#next += this.#encoder.packetSamples;
      return [first, packet];
    });
  }
}
