/**
 * Audio as it crosses a WebSocket, in both directions and for monitor and serve alike: a header of 24 bytes, little-endian,
 * and interleaved samples or one Opus packet. Runs in browsers: no import of Node's. Laid out in docs/protocol.md.
 */

export const AUDIO_CODECS = ['f32', 's16', 'opus'] as const;
export type AudioCodec = (typeof AUDIO_CODECS)[number];

/** First byte of a binary message. */
export const AUDIO_KIND = 1;
export const FRAME_VERSION = 1;
const AUDIO_HEADER_BYTES = 24;

/** Bytes of a sample. */
const WIDTH = { f32: 4, s16: 2 } as const;
const SAMPLES = { f32: Float32Array, s16: Int16Array } as const;

/** Bits of the flags. */
const SQUELCH_SHUT = 1;
const DISCONTINUITY = 2;

export interface AudioFrame {
  codec: AudioCodec;
  /** What is heard: 0 before the denoiser, 1 behind it, 2 as the outputs get it. */
  place: number;
  /** Number of the frame in its place, from 0: a gap tells of frames left out. */
  sequence: number;
  /** Index of the first sample since the stream began; below 2^53. */
  firstSample: number;
  sampleRate: number;
  channels: number;
  squelchShut: boolean;
  /** Samples before this frame were lost, or left out. */
  discontinuity: boolean;
  /** The bytes behind the header, a view. */
  payload: Uint8Array;
}

/** The frame as one message. */
export function encodeAudioFrame(frame: AudioFrame): Uint8Array {
  const bytes = new Uint8Array(AUDIO_HEADER_BYTES + frame.payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = AUDIO_KIND;
  bytes[1] = FRAME_VERSION;
  bytes[2] = frame.place;
  bytes[3] = AUDIO_CODECS.indexOf(frame.codec);
  view.setUint32(4, frame.sequence >>> 0, true);
  view.setFloat64(8, frame.firstSample, true);
  view.setUint32(16, frame.sampleRate, true);
  bytes[20] = frame.channels;
  bytes[21] = (frame.squelchShut ? SQUELCH_SHUT : 0) | (frame.discontinuity ? DISCONTINUITY : 0);
  bytes.set(frame.payload, AUDIO_HEADER_BYTES);
  return bytes;
}

/** Why bytes are no audio frame; a sentence. */
export class FrameError extends Error {}

/** Reads a message. @throws FrameError for anything that {@link encodeAudioFrame} cannot have made */
export function decodeAudioFrame(bytes: Uint8Array): AudioFrame {
  if (bytes.length < AUDIO_HEADER_BYTES) throw new FrameError('An audio frame has at least 24 bytes.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const codec = AUDIO_CODECS[bytes[3]];
  if (bytes[0] !== AUDIO_KIND) throw new FrameError(`Byte 0 is ${bytes[0]}, where audio has ${AUDIO_KIND}.`);
  if (bytes[1] !== FRAME_VERSION)
    throw new FrameError(`This is version ${bytes[1]} of the frame; ${FRAME_VERSION} is known.`);
  if (codec === undefined) throw new FrameError(`There is no codec ${bytes[3]}.`);
  const firstSample = view.getFloat64(8, true);
  if (!Number.isSafeInteger(firstSample) || firstSample < 0)
    throw new FrameError('The first sample has no index.');
  const sampleRate = view.getUint32(16, true);
  if (sampleRate < 8_000 || sampleRate > 192_000)
    throw new FrameError(`${sampleRate} Hz is no rate from 8000 to 192000.`);
  const channels = bytes[20];
  if (channels < 1 || channels > 8) throw new FrameError(`${channels} channels are not 1 to 8.`);
  const payload = bytes.subarray(AUDIO_HEADER_BYTES);
  if (codec !== 'opus' && payload.length % (channels * WIDTH[codec]) !== 0)
    throw new FrameError(
      `${payload.length} bytes are no whole number of ${codec} samples of ${channels} channels.`,
    );
  return {
    codec,
    place: bytes[2],
    sequence: view.getUint32(4, true),
    firstSample,
    sampleRate,
    channels,
    squelchShut: (bytes[21] & SQUELCH_SHUT) !== 0,
    discontinuity: (bytes[21] & DISCONTINUITY) !== 0,
    payload,
  };
}

/**
 * Channels `[channels][time]`, full scale ±1, as interleaved bytes. s16 is rounded and limited. Typed arrays have the order of
 * bytes of the machine, which is little-endian wherever Node and browsers run; through a DataView this took ten times as long.
 */
export function packSamples(channels: readonly Float32Array[], codec: 'f32' | 's16'): Uint8Array {
  const step = channels.length;
  const bytes = new Uint8Array(channels[0].length * step * WIDTH[codec]);
  const samples = new SAMPLES[codec](bytes.buffer);
  for (let c = 0; c < step; c++) {
    const channel = channels[c];
    for (let n = 0, at = c; n < channel.length; n++, at += step)
      samples[at] =
        codec === 'f32' ? channel[n] : Math.max(-32_768, Math.min(32_767, Math.round(channel[n] * 32_768)));
  }
  return bytes;
}

/** The inverse of {@link packSamples}: `[channels][time]`. @throws FrameError for Opus */
export function unpackSamples({ payload, channels, codec }: AudioFrame): Float32Array[] {
  if (codec === 'opus') throw new FrameError('An Opus packet must be decoded first.');
  const width = WIDTH[codec];
  const aligned = payload.byteOffset % width === 0 ? payload : new Uint8Array(payload);
  const interleaved = new SAMPLES[codec](
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    payload.length / width,
  );
  const scale = codec === 'f32' ? 1 : 1 / 32_768;
  return Array.from({ length: channels }, (_, c) => {
    const samples = new Float32Array(interleaved.length / channels);
    for (let n = 0, at = c; n < samples.length; n++, at += channels) samples[n] = interleaved[at] * scale;
    return samples;
  });
}
