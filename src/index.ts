/**
 * The public surface of denoise. Everything else is private and may change.
 *
 * {@link denoise} cleans a recording in memory, {@link createDenoiser} a stream of audio on plain arrays,
 * {@link denoiseFile} a file. Under them, a {@link Model} is immutable weights, and a {@link DenoiserStream} the state of one
 * stream through it, at the model's own rate.
 *
 * Live, {@link LiveSession} brings the audio of a source ({@link openSource}) through the models of its modes
 * ({@link LiveModels}) to outputs ({@link openSink}). Its parts are Node streams: {@link Demodulate}, {@link Denoise} with a
 * {@link DenoiserSlot} or {@link modelDenoiser}, {@link Gate}; a {@link Receiver} alone turns radio samples into audio.
 */

export { Checkpoint, type CheckpointInfo } from '../models/checkpoint.js';
export { type ModelRole, type OpenedModel, type OpenModelOptions, openModel } from '../models/open-model.js';
export { pretrainedNames } from '../models/pretrained.js';
export { ModelRegistry } from '../models/registry.js';
export type { RegistryRecord, RegistryState, UseState, VersionEntry } from '../models/registry-state.js';
export type { ModelAlias, ModelUse } from '../models/use.js';
export { type AudioFrameFormat, decodeAudioFrame, encodeAudioFrame } from '../streams/audio-frame.js';
export type { Clock, Timer } from '../streams/clock.js';
export { Denoise } from '../streams/denoise/denoise.js';
export type { LiveDenoiser, MakeDenoiser, OpenDenoiser } from '../streams/denoise/live-denoiser.js';
export { modelDenoiser } from '../streams/denoise/model-denoiser.js';
export type { DenoiseStats, DenoiseStreamOptions } from '../streams/denoise/options.js';
export { DenoiserSlot } from '../streams/denoise/slot.js';
export type { SlotOptions, SwapOptions } from '../streams/denoise/slot-options.js';
export type { Discontinuity } from '../streams/discontinuity.js';
export {
  denoiseFile,
  type FileOptions,
  type FileReport,
  type FileTask,
} from '../streams/file/denoise-file.js';
export type { Listener, ListenerBudget, ListenerStats } from '../streams/live/attachment.js';
export { describeEvent } from '../streams/live/describe-event.js';
export { LIVE_EVENT_VERSION, type LiveEvent, liveEventSchema } from '../streams/live/events.js';
export { Gate } from '../streams/live/gate.js';
export type {
  AudioPlace,
  LevelsFrame,
  ListenerItems,
  ListenOptions,
} from '../streams/live/listen-options.js';
export type { Attached } from '../streams/live/listeners.js';
export { LiveModels, type LiveModelsOptions } from '../streams/live/live-models.js';
export type { LiveOptions } from '../streams/live/live-options.js';
export { centreFor, type LiveRadio } from '../streams/live/live-radio.js';
export { LiveSession } from '../streams/live/live-session.js';
export type { LatencyStatus, LevelStatus, LiveStatus } from '../streams/live/live-status.js';
export type { RadioChannel, RadioOptions } from '../streams/live/radio-options.js';
export { type Activity, type ScanChannel, Scanner, type ScanOptions } from '../streams/live/scanner.js';
export type { SpectrumFrame } from '../streams/live/spectrum-taker.js';
export type { AgcSpeed } from '../streams/radio/agc.js';
export { Demodulate, type DemodulateOptions, type Tuning } from '../streams/radio/demodulate.js';
export { MODES, type Mode } from '../streams/radio/modes.js';
export type { ReceivedAudio, ReceiverStatus } from '../streams/radio/received-audio.js';
export { Receiver } from '../streams/radio/receiver.js';
export type { ReceiverOptions } from '../streams/radio/receiver-options.js';
export type { SquelchOptions } from '../streams/radio/squelch.js';
export type { Stretch } from '../streams/signal-track.js';
export { type AudioSink, ChunkSink, type SinkFormat, type SinkStats } from '../streams/sinks/audio-sink.js';
export {
  type LiveFormat,
  type OpenSinkOptions,
  openSink,
  type SinkSpec,
} from '../streams/sinks/open-sink.js';
export {
  type AudioSource,
  ChunkSource,
  type ChunkSourceOptions,
  type IqSource,
  type SourceNotice,
  type SourceStats,
} from '../streams/sources/chunk-source.js';
export type { IqChunk, IqFormat, IqSamples } from '../streams/sources/iq-chunk.js';
export { type OpenSourceOptions, openSource, type SourceSpec } from '../streams/sources/open-source.js';
export type { DirectSampling, Tuner, TunerSettings } from '../streams/sources/tuner.js';
export type { AudioChunk, SignalState } from './audio/chunk.js';
export { type DenoiseOptions, denoise } from './engine/denoise.js';
export { createDenoiser, type Denoiser, type DenoiserOptions } from './engine/denoiser.js';
export type { DenoiserStream } from './engine/denoiser-stream.js';
export { type ChosenDevice, DEVICES, type Device, knownDevices } from './engine/device.js';
export { type LoadModelOptions, Model, type ModelOptions } from './engine/model.js';
export type { MonoDenoiser } from './engine/mono-denoiser.js';
export type { MusicChoice } from './engine/music-choice.js';
export * from './errors.js';
