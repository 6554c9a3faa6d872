import type { Logger } from 'pino';
import { ModelRegistry } from '../../../models/registry.js';
import { dataFolder } from '../../files/data-folder.js';
import { CombinedTarget } from '../../monitor/combined-target.js';
import { ModelsTarget, type ModelsTargetOptions } from '../../monitor/models-target.js';
import { Monitor } from '../../monitor/monitor.js';
import type { MonitorTarget } from '../../monitor/target.js';
import { RetuneHistory } from '../../online/retune-history.js';
import { packageVersion } from '../../package-root.js';
import { parseListenAddress } from '../../web/listen-address.js';
import type { Output } from '../output.js';
import { readTlsFiles } from '../tls-files.js';

/** Where the page is unless told otherwise: 8073, as OpenWebRX has it. */
const MONITOR_PORT = 8073;

/** The token itself is never printed: terminals are recorded, and events are logged. */
const TOKEN_NOTE =
  'The page asks for the token, which is the value of DENOISE_TOKEN; #token=… at the end of a link saves typing it.';

export interface OpenMonitorOptions {
  /** `[HOST:]PORT`; default {@link MONITOR_PORT} on loopback. */
  address: string | undefined;
  /** Files, PEM. */
  certificate: string | undefined;
  key: string | undefined;
  readOnly: boolean | undefined;
  /** What is shown beside the models of this machine. */
  target: MonitorTarget | undefined;
  live?: ModelsTargetOptions['live'];
  log?: Logger;
  metrics?: () => Promise<string>;
}

/** Serves the page and says where it is. @throws as `Monitor.start`; UsageError `E_LISTEN_ADDRESS`, `E_TLS` */
export async function openMonitor(options: OpenMonitorOptions, output: Output): Promise<Monitor> {
  const { address, target, live, log, metrics, readOnly = false } = options;
  const tls = await readTlsFiles(options.certificate, options.key);
  const token = process.env.DENOISE_TOKEN || undefined;
  const history = new RetuneHistory(dataFolder());
  const models = new ModelsTarget({ registry: new ModelRegistry(), history, ...(live && { live }) });
  const monitor = await Monitor.start({
    listen: parseListenAddress(address ?? `${MONITOR_PORT}`, MONITOR_PORT),
    token,
    ...(tls && { tls }),
    readOnly,
    target: new CombinedTarget(target === undefined ? [models] : [target, models]),
    history,
    program: `denoise ${packageVersion()}`,
    ...(log && { log }),
    ...(metrics && { metrics }),
  });
  const { pageUrl: url } = monitor;
  const needsToken = token !== undefined;
  output.event({ type: 'monitor', url, needsToken });
  if (!output.json && !output.quiet)
    output.stderr.write(`Monitor: ${url}\n${needsToken ? `${TOKEN_NOTE}\n` : ''}`);
  return monitor;
}
