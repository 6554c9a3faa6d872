/** Messages between a {@link Model} and its inference workers. Requests of one worker are answered in order. */
import type { ChosenDevice } from './device.js';

export interface InferenceWorkerData {
  model: Uint8Array;
  device: ChosenDevice;
  provider: string;
  threads: number;
  hop: number;
  audioDims: readonly (number | string)[];
  states: readonly { name: string; shape: readonly number[] }[];
}

export type InferenceRequest =
  | { id: number; kind: 'open'; stream: number }
  | { id: number; kind: 'run'; stream: number; audio: Float32Array }
  | { id: number; kind: 'reset'; stream: number }
  | { id: number; kind: 'clone'; stream: number; as: number }
  | { id: number; kind: 'close'; stream: number };

/** Ends the thread when all requests before it are answered. */
export interface StopRequest {
  kind: 'stop';
}

export type InferenceReply =
  | { kind: 'ready' }
  | { kind: 'refused'; code: string; message: string; hint: string | undefined }
  | { id: number; kind: 'done'; clean?: Float32Array; milliseconds: number }
  | { id: number; kind: 'failed'; message: string };
