import { parentPort, workerData } from 'node:worker_threads';
import { loadRtlSdr, type RtlSdrHandle } from './rtl-sdr-library.js';

/** What the thread that reads a dongle is told. */
export interface RtlSdrWorkerData {
  library: string | undefined;
  device: RtlSdrHandle;
  buffers: number;
  bytes: number;
}

/** What it says: buffers of samples, and at the end librtlsdr's result. */
export type RtlSdrWorkerMessage = Uint8Array<ArrayBuffer> | { result: number };

const { library, device, buffers, bytes } = workerData as RtlSdrWorkerData;
const port = parentPort!;
const result = loadRtlSdr(library).readBlocking(
  device,
  (samples) => port.postMessage(samples, [samples.buffer]),
  buffers,
  bytes,
);
port.postMessage({ result });
