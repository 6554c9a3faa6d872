import type { LiveSession } from '../../../streams/live/live-session.js';
import { UsageError } from '../../errors.js';
import { liveMetrics } from '../../monitor/live-metrics.js';
import { LiveTarget } from '../../monitor/live-target.js';
import { Monitor } from '../../monitor/monitor.js';
import { packageVersion } from '../../package-root.js';
import { parseListenAddress } from '../../web/listen-address.js';
import type { Output } from '../output.js';
import { readTlsFiles } from '../tls-files.js';
import type { LiveCommandOptions } from './command-options.js';

/** Where the page is unless told otherwise: 8073, as OpenWebRX has it. */
const MONITOR_PORT = 8073;

/** The token itself is never printed: terminals are recorded, and events are logged. */
const TOKEN_NOTE =
  'The page asks for the token, which is the value of DENOISE_TOKEN; #token=… at the end of a link saves typing it.';

/** Serves the page for a session, if `--monitor` asks for it; gives what closes it. */
export async function startMonitor(
  session: LiveSession,
  options: LiveCommandOptions,
  output: Output,
): Promise<(() => Promise<void>) | undefined> {
  const { monitor: address, monitorCert, monitorKey, monitorReadOnly = false } = options;
  if (address === undefined) {
    const odd = [monitorCert, monitorKey, options.monitorReadOnly].some((one) => one !== undefined);
    if (odd) throw new UsageError('E_NO_MONITOR', 'Options of the monitor are given without --monitor.');
    return undefined;
  }
  const tls = await readTlsFiles(monitorCert, monitorKey);
  const token = process.env.DENOISE_TOKEN || undefined;
  const target = new LiveTarget(session);
  const monitor = await Monitor.start({
    listen: parseListenAddress(address === true ? `${MONITOR_PORT}` : address, MONITOR_PORT),
    token,
    ...(tls && { tls }),
    readOnly: monitorReadOnly,
    target,
    program: `denoise ${packageVersion()}`,
    metrics: () => liveMetrics(session, monitor),
  });
  const { pageUrl: url } = monitor;
  const needsToken = token !== undefined;
  output.event({ type: 'monitor', url, needsToken });
  if (!output.json && !output.quiet)
    output.stderr.write(`Monitor: ${url}\n${needsToken ? `${TOKEN_NOTE}\n` : ''}`);
  return () => monitor.close();
}
