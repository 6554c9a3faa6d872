import cluster from 'node:cluster';
import { type Logger, pino } from 'pino';
import { parseDevice } from '../../engine/device.js';
import { Model } from '../../engine/model.js';
import { packageVersion } from '../../package-root.js';
import { Serve } from '../../serve/serve.js';
import { WorkerProcess } from '../../serve/worker-process.js';
import { parseListenAddress } from '../../web/listen-address.js';
import type { CommandContext } from '../context.js';
import { readTlsFiles } from '../tls-files.js';
import type { ServeCommandOptions } from './command-options.js';
import { runWorkers } from './workers.js';

const SERVE_PORT = 8074;

/** Serves until a signal ends it; with `--workers`, in several processes that listen on one port. */
export async function runServe(options: ServeCommandOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  const level = options.quiet === true ? 'error' : options.logLevel;
  const log = pino({ level, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
  signal.throwIfAborted();
  const announce = (url: string): void => {
    output.event({ type: 'serving', url });
    output.report(`Serving at ${url}`);
  };
  if (options.workers > 1 && cluster.isPrimary) {
    await runWorkers({ count: options.workers, announce, signal, log });
    return;
  }
  const worker = cluster.isWorker ? new WorkerProcess() : undefined;
  try {
    await serveUntilSignal(options, context, { log, announce, worker });
  } finally {
    // The channel to the parent would keep the process alive.
    worker?.disconnect();
  }
}

async function serveUntilSignal(
  options: ServeCommandOptions,
  { signal }: CommandContext,
  {
    log,
    announce,
    worker,
  }: { log: Logger; announce: (url: string) => void; worker: WorkerProcess | undefined },
): Promise<void> {
  const tls = await readTlsFiles(options.cert, options.key);
  const model = await Model.load(options.model, {
    device: parseDevice(options.device),
    workers: 0,
    mostBatch: options.batch,
    signal,
  });
  const serve = await Serve.start({
    listen: parseListenAddress(options.listen, SERVE_PORT),
    token: process.env.DENOISE_TOKEN || undefined,
    origins: options.origin,
    ...(tls && { tls }),
    maxClients: options.maxStreams,
    model,
    log,
    program: `denoise ${packageVersion()}`,
    ...(worker && { metricsText: () => worker.metricsText() }),
  }).catch(async (error: unknown) => {
    await model.release();
    throw error;
  });
  const { url } = serve;
  log.info({ url, model: model.name, device: model.device }, 'serving');
  if (worker === undefined) announce(url);
  else worker.announce(url);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    worker?.onDrain(resolve);
  });
  await serve.close(1000 * options.drain);
}
