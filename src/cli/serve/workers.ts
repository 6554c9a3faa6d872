import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { AggregatorRegistry } from 'prom-client';
import { DeviceError } from '../../errors.js';
import type { ParentSays, WorkerSays } from '../../serve/worker-process.js';

/** Runs `count` processes behind one port until `signal`; replaces those that crash. @throws DeviceError `E_SERVE_WORKERS` */
export async function runWorkers(options: {
  count: number;
  /** Told once where the workers listen, when all do. */
  announce: (url: string) => void;
  signal: AbortSignal;
  log: Logger;
}): Promise<void> {
  const { count, signal, log } = options;
  const registry = new AggregatorRegistry();
  let serving = 0;
  let isClosing = false;
  let failure: DeviceError | undefined;

  const drain = (): void => {
    isClosing = true;
    for (const worker of Object.values(cluster.workers ?? {})) say(worker!, { denoise: 'drain' });
  };
  const start = (): void => {
    let hasServed = false;
    const worker = cluster.fork();
    worker.on('message', (message: WorkerSays) => {
      if (message.denoise === 'serving') {
        hasServed = true;
        // While it was starting it heard nothing.
        if (isClosing) say(worker, { denoise: 'drain' });
        else if (++serving === count) options.announce(message.url);
      } else if (message.denoise === 'metrics?') {
        const { id } = message;
        registry.clusterMetrics().then(
          (text) => say(worker, { denoise: 'metrics', id, text }),
          (error: unknown) => {
            log.warn({ err: error }, 'the figures of the workers cannot be had');
            say(worker, { denoise: 'metrics', id, text: undefined });
          },
        );
      }
    });
    worker.once('exit', (code, by) => {
      if (isClosing) return;
      log.error({ worker: worker.process.pid, code, by }, 'a worker ended');
      // One that could not even start would not the next time.
      if (hasServed) start();
      else {
        failure = new DeviceError('E_SERVE_WORKERS', 'A worker ended before it served.', {
          hint: 'What it printed before tells why; denoise serve without --workers shows it alone.',
        });
        drain();
      }
    });
  };
  signal.addEventListener('abort', drain, { once: true });
  const ended = new Promise<void>((resolve) => {
    cluster.on('exit', () => Object.keys(cluster.workers ?? {}).length === 0 && resolve());
  });
  for (let n = 0; n < count; n++) start();
  await ended;
  if (failure !== undefined) throw failure;
}

function say(worker: Worker, message: ParentSays): void {
  if (worker.isConnected()) worker.send(message);
}
