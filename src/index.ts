/**
 * The public surface of denoise. Everything else is private and may change.
 *
 * {@link denoise} cleans a recording in memory, {@link createDenoiser} a stream of audio on plain arrays,
 * {@link denoiseFile} a file. Under them, a {@link Model} is immutable weights, and a {@link DenoiserStream} the state of one
 * stream through it, at the model's own rate. Live,
 * {@link LiveSession} brings the sound of a source ({@link openSource}) through {@link modelDenoiser} to sinks
 * ({@link openSink}); a {@link Receiver} alone turns complex samples into sound.
 */

export { pretrainedNames } from '../models/catalogue.js';
export { type CheckpointInfo, inspectCheckpoint } from '../models/checkpoint.js';
export type { LiveDenoiser, MakeDenoiser, OpenDenoiser } from '../streams/denoise/live-denoiser.js';
export { modelDenoiser, SharedModel } from '../streams/denoise/model-denoiser.js';
export { DenoiserSlot } from '../streams/denoise/slot.js';
export type { SlotOptions, SwapOptions } from '../streams/denoise/slot-options.js';
export {
  denoiseFile,
  type FileOptions,
  type FileReport,
  type FileTask,
} from '../streams/file/denoise-file.js';
export { centreFor, type RadioOptions } from '../streams/live/live-radio.js';
export { type LiveOptions, LiveSession } from '../streams/live/live-session.js';
export { describeNotice, type LiveNotice, type LiveStatus } from '../streams/live/live-status.js';
export { MODES, type Mode } from '../streams/radio/modes.js';
export type { ReceivedAudio, ReceiverStatus } from '../streams/radio/received-audio.js';
export { Receiver } from '../streams/radio/receiver.js';
export type { ReceiverOptions } from '../streams/radio/receiver-options.js';
export type { AudioSink } from '../streams/sinks/audio-sink.js';
export { type LiveFormat, type OpenSinkOptions, openSink } from '../streams/sinks/open-sink.js';
export type { AudioSource, IqSource } from '../streams/sources/chunk-source.js';
export { type OpenSourceOptions, openSource } from '../streams/sources/open-source.js';
export type { AudioChunk } from './audio/chunk.js';
export { type DenoiseOptions, denoise } from './engine/denoise.js';
export { createDenoiser, type Denoiser, type DenoiserOptions } from './engine/denoiser.js';
export type { DenoiserStream } from './engine/denoiser-stream.js';
export { type ChosenDevice, DEVICES, type Device, knownDevices } from './engine/device.js';
export { collectEarly } from './engine/early-collection.js';
export { Model, type ModelOptions } from './engine/model.js';
export type { MonoDenoiser } from './engine/mono-denoiser.js';
export * from './errors.js';
