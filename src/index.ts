/**
 * The public surface of denoise. Everything else is private and may change.
 *
 * A {@link Model} is immutable weights; a {@link DenoiserStream} is the state of one stream through it.
 */

export { pretrainedNames } from '../models/catalogue.js';
export { type CheckpointInfo, inspectCheckpoint } from '../models/checkpoint.js';
export {
  denoiseFile,
  type FileOptions,
  type FileReport,
  type FileTask,
} from '../streams/denoise-file.js';
export type { AudioChunk } from './audio/chunk.js';
export type { MonoDenoiser } from './audio/mono-denoiser.js';
export { DenoiserStream } from './engine/denoiser-stream.js';
export { type ChosenDevice, DEVICES, type Device, knownDevices } from './engine/device.js';
export { Model, type ModelOptions } from './engine/model.js';
export * from './errors.js';
