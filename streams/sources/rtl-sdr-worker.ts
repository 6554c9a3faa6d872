/** The thread that reads a dongle. */
import type { CallContext } from '../../src/threads/protocol.js';
import { serveWorker } from '../../src/threads/serve.js';
import { loadRtlSdr, type RtlSdrHandle } from './rtl-sdr-library.js';

export interface RtlSdrMethods {
  /** Reads until `rtlsdr_cancel_async` is called or the dongle fails; returns librtlsdr's result. Progress: buffers of samples. */
  read(settings: RtlSdrReadSettings, context: CallContext<Uint8Array>): number;
}

export interface RtlSdrReadSettings {
  /** File of librtlsdr; `undefined`: where the system keeps it. */
  library: string | undefined;
  device: RtlSdrHandle;
  /** USB transfers kept queued, and bytes in each. */
  buffers: number;
  bytes: number;
}

serveWorker<RtlSdrMethods>({
  read: ({ library, device, buffers, bytes }, context) =>
    loadRtlSdr(library).readBlocking(
      device,
      (samples) => context.progress(samples, [samples.buffer]),
      buffers,
      bytes,
    ),
});
