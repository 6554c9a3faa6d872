import type { AudioChunk } from '../src/audio/chunk.js';
import { BYTES_PER_SAMPLE, MAX_CHANNELS } from '../src/audio/format.js';
import { decodePcm, encodePcm } from '../src/audio/pcm.js';
import { InputError } from '../src/errors.js';

/**
 * One chunk of audio as a binary WebSocket message: a header of 32 bytes, little-endian, then the samples, interleaved.
 *
 * | offset | type | what |
 * |---|---|---|
 * | 0 | 4 bytes | `DNA1` |
 * | 4 | u8 | samples: 0 = signed 16 bit, 1 = 32-bit float |
 * | 5 | u8 | channels, 1 to 255 |
 * | 6 | u16 | flags: 1 = samples were lost before this chunk; 2 = how many is known |
 * | 8 | u32 | sample rate, Hz |
 * | 12 | u32 | samples per channel |
 * | 16 | u64 | index of the first sample since the source started; lost ones count |
 * | 24 | u64 | samples lost before this chunk |
 */
const AUDIO_FRAME_HEADER_BYTES = 32;

const MAGIC = 'DNA1';
const FORMATS = ['s16', 'f32'] as const;
const LOST = 1;
const LOST_KNOWN = 2;

/** How samples travel. */
export type AudioFrameFormat = (typeof FORMATS)[number];

/** Longest message that is taken, bytes: over 5 s of stereo float at 96 kHz, and nothing that could exhaust memory. */
export const AUDIO_FRAME_LIMIT = 4 * 1024 * 1024;

/** A chunk as one message; `s16` clips at full scale. */
export function encodeAudioFrame(chunk: AudioChunk, format: AudioFrameFormat = 's16'): Buffer {
  const channels = chunk.samples.length;
  const frames = chunk.samples[0]?.length ?? 0;
  const body = frames * channels * BYTES_PER_SAMPLE[format];
  const message = Buffer.alloc(AUDIO_FRAME_HEADER_BYTES + body);
  const lost = chunk.discontinuity?.lostSamples;
  const flags = (chunk.discontinuity === undefined ? 0 : LOST) | (lost === undefined ? 0 : LOST_KNOWN);
  message.write(MAGIC, 'latin1');
  message.writeUInt8(FORMATS.indexOf(format), 4);
  message.writeUInt8(channels, 5);
  message.writeUInt16LE(flags, 6);
  message.writeUInt32LE(chunk.sampleRate, 8);
  message.writeUInt32LE(frames, 12);
  message.writeBigUInt64LE(chunk.firstSample, 16);
  message.writeBigUInt64LE(lost ?? 0n, 24);
  encodePcm(
    chunk.samples,
    { channels, sampleFormat: format },
    message.subarray(AUDIO_FRAME_HEADER_BYTES),
    frames,
  );
  return message;
}

function refuse(why: string): InputError {
  return new InputError('E_AUDIO_FRAME', `A message is not audio of this protocol: ${why}.`, {
    hint: 'Both ends must speak it; its header is described in streams/audio-frame.ts.',
  });
}

/** Rates that audio can have, Hz. */
const LEAST_RATE = 4_000;
const MOST_RATE = 1_000_000;

/**
 * Reads a message.
 *
 * @throws InputError `E_AUDIO_FRAME` when it is anything else, or its parts do not fit.
 */
export function decodeAudioFrame(message: Buffer): AudioChunk {
  if (message.length < AUDIO_FRAME_HEADER_BYTES) throw refuse('it is too short');
  if (message.toString('latin1', 0, 4) !== MAGIC) throw refuse('its first bytes are others');
  const sampleFormat = FORMATS[message.readUInt8(4)];
  const channels = message.readUInt8(5);
  const flags = message.readUInt16LE(6);
  const sampleRate = message.readUInt32LE(8);
  const frames = message.readUInt32LE(12);
  if (sampleFormat === undefined) throw refuse('its sample format is unknown');
  if (channels === 0 || channels > MAX_CHANNELS) throw refuse('it has no channels');
  if (sampleRate < LEAST_RATE || sampleRate > MOST_RATE) throw refuse(`its sample rate is ${sampleRate} Hz`);
  const body = message.subarray(AUDIO_FRAME_HEADER_BYTES);
  if (body.length !== frames * channels * BYTES_PER_SAMPLE[sampleFormat])
    throw refuse('its length does not fit');
  const samples = Array.from({ length: channels }, () => new Float32Array(frames));
  decodePcm(body, { channels, sampleFormat }, samples, frames);
  const chunk: AudioChunk = { samples, sampleRate, firstSample: message.readBigUInt64LE(16) };
  if ((flags & LOST) !== 0) {
    const reason = 'lost before it was sent';
    chunk.discontinuity =
      (flags & LOST_KNOWN) === 0 ? { reason } : { lostSamples: message.readBigUInt64LE(24), reason };
  }
  return chunk;
}
