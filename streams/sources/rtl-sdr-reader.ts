import { setTimeout } from 'node:timers/promises';
import { WorkerClient } from '../../src/threads/worker-client.js';
import { workerUrl } from '../../src/threads/worker-url.js';
import type { RtlSdrHandle, RtlSdrLibrary } from './rtl-sdr-library.js';
import type { RtlSdrMethods } from './rtl-sdr-worker.js';

/** USB transfers under way at once; with 8 ms each a quarter of a second is kept by the kernel while this process is held up. */
const TRANSFERS = 32;
const TRANSFER_SECONDS = 0.008;
/** USB transfers are multiples of this, bytes. */
const USB_BLOCK = 512;
/** Milliseconds that a dongle gets to end its transfers before the thread is left behind. */
const STOP_MS = 3000;

/**
 * Reads a dongle in a thread of its own: librtlsdr's reading blocks, and what it calls must not wait for a busy event loop.
 * `rtlsdr_read_async` keeps transfers queued, which `rtlsdr_read_sync` does not: nothing is lost between two calls.
 */
export class RtlSdrReader {
  private readonly worker: WorkerClient<RtlSdrMethods>;

  constructor(
    private readonly library: RtlSdrLibrary,
    private readonly device: RtlSdrHandle,
    settings: { library: string | undefined; sampleRate: number },
    onSamples: (samples: Uint8Array) => void,
    onEnd: (result: number | Error) => void,
  ) {
    const blocks = Math.round((settings.sampleRate * 2 * TRANSFER_SECONDS) / USB_BLOCK);
    const bytes = Math.min(128, Math.max(4, blocks)) * USB_BLOCK;
    this.worker = new WorkerClient(workerUrl(import.meta.url, './rtl-sdr-worker.js'));
    this.worker
      .call(
        'read',
        { library: settings.library, device, buffers: TRANSFERS, bytes },
        { onProgress: onSamples },
      )
      .then(onEnd, onEnd);
    void this.worker.exited.then(() => process.off('exit', this.cancel));
    // A thread that still reads would hold up the end of the process.
    process.on('exit', this.cancel);
  }

  /** Ends the thread. Resolves to false when the dongle did not let go of it; it must not be closed then. */
  async stop(): Promise<boolean> {
    const stopped = this.worker.stop();
    for (let waited = 0; this.worker.running && waited < STOP_MS; waited += 20) {
      // Repeatedly: a thread that has not begun to read yet misses the first calls.
      this.cancel();
      await Promise.race([stopped, setTimeout(20)]);
    }
    if (this.worker.running) this.worker.abandon();
    return !this.worker.running;
  }

  private readonly cancel = (): void => {
    if (this.worker.running) this.library.cancelAsync(this.device);
  };
}
