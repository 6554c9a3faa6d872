/**
 * The sound's own connection, in a thread of its own: what comes goes straight to the audio thread, past the thread of the
 * page, whose drawing would stall it.
 */
import { OpusDecoder } from 'opus-decoder';
import { type AudioCodec, type AudioFrame, unpackSamples } from '../../web/audio-frame.js';
import type { PlayerMessage } from '../../web/page/player-worklet.js';
import { AUDIO_PLACES } from '../protocol/audio-places.js';
import { MonitorConnection } from './connection.js';

/** From the page. */
export type ToSoundWorker =
  | { kind: 'open'; url: string; token: string | undefined; codec: AudioCodec; port: MessagePort }
  /** Whether the page wants to see the samples, too. */
  | { kind: 'tap'; on: boolean };

/** To the page. */
export type FromSoundWorker =
  | { kind: 'problem'; text: string }
  | { kind: 'samples'; stream: 0 | 1; firstSample: number; sampleRate: number; samples: Float32Array };

type OpusRate = 8000 | 12000 | 16000 | 24000 | 48000;

/**
 * Opus is decoded by libopus in WebAssembly and not by the browser: WebCodecs is absent on plain http and on some browsers, and
 * decodes at 48 kHz only.
 */
class OpusStream {
  #decoder: OpusDecoder<OpusRate> | undefined;
  #format = '';

  async decode({ payload, sampleRate, channels, discontinuity }: AudioFrame): Promise<Float32Array[]> {
    const format = `${sampleRate} ${channels}`;
    if (this.#decoder === undefined || format !== this.#format || discontinuity) {
      this.#decoder?.free();
      // What is decoded has the rate of the stream, not always 48 kHz.
      this.#decoder = new OpusDecoder({ sampleRate: sampleRate as OpusRate, channels });
      this.#format = format;
    }
    await this.#decoder.ready;
    return this.#decoder.decodeFrame(payload).channelData;
  }
}

const post = (message: FromSoundWorker): void => postMessage(message);
const opus = [new OpusStream(), new OpusStream()];
let isTapped = false;
/** Frames are decoded in turn. */
let last: Promise<void> = Promise.resolve();

async function play(frame: AudioFrame, port: MessagePort): Promise<void> {
  const { place, firstSample, sampleRate } = frame;
  if (place !== 0 && place !== 1) return;
  const channels = frame.codec === 'opus' ? await opus[place].decode(frame) : unpackSamples(frame);
  const samples = meanOf(channels);
  if (isTapped) post({ kind: 'samples', stream: place, firstSample, sampleRate, samples: samples.slice() });
  const message: PlayerMessage = { kind: 'samples', stream: place, firstSample, sampleRate, samples };
  port.postMessage(message, [samples.buffer]);
}

function meanOf(channels: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const mean = new Float32Array(channels[0].length);
  for (const channel of channels)
    for (let n = 0; n < mean.length; n++) mean[n] += channel[n] / channels.length;
  return mean;
}

function open({ url, token, codec, port }: Extract<ToSoundWorker, { kind: 'open' }>): void {
  const connection = new MonitorConnection(url, 'denoise.monitor.v1', {
    state() {},
    askToken() {},
    welcome() {},
    message(message) {
      if (message.type === 'error') post({ kind: 'problem', text: message.error.message });
      if (message.type === 'missed')
        post({ kind: 'problem', text: `The sound came too fast: ${message.count} pieces are missing.` });
    },
    audio(frame) {
      last = last
        .then(() => play(frame, port))
        .catch((error: Error) => post({ kind: 'problem', text: error.message }));
    },
    spectrum() {},
  });
  connection.open(token);
  for (const place of AUDIO_PLACES.slice(0, 2))
    connection.subscribe(`audio:${place}`, { topic: 'audio', place, codec });
}

addEventListener('message', ({ data }: MessageEvent<ToSoundWorker>) => {
  if (data.kind === 'tap') isTapped = data.on;
  else open(data);
});
