import { pino } from 'pino';
import type { LiveModels } from '../../../streams/live/live-models.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import type { Recorder } from '../../../streams/live/recorder.js';
import { UsageError } from '../../errors.js';
import { liveMetrics } from '../../monitor/live-metrics.js';
import { LiveTarget } from '../../monitor/live-target.js';
import { openMonitor } from '../monitor/open-monitor.js';
import type { Output } from '../output.js';
import type { LiveCommandOptions } from './command-options.js';

/** What the page shows and commands. */
interface ShownSession {
  session: LiveSession;
  models: LiveModels | undefined;
  recorder: Recorder;
}

/** Serves the page for a session, if `--monitor` asks for it; gives what closes it. */
export async function startMonitor(
  { session, models, recorder }: ShownSession,
  options: LiveCommandOptions,
  output: Output,
): Promise<(() => Promise<void>) | undefined> {
  const { monitor: address, monitorCert, monitorKey, monitorReadOnly, monitorLog } = options;
  if (address === undefined) {
    const odd = [monitorCert, monitorKey, monitorReadOnly, monitorLog].some((one) => one !== undefined);
    if (odd) throw new UsageError('E_NO_MONITOR', 'Options of the monitor are given without --monitor.');
    return undefined;
  }
  // A model that was asked for stays, whoever is champion.
  const follows = models !== undefined && options.model === undefined;
  const monitor = await openMonitor(
    {
      address: address === true ? undefined : address,
      ...{ certificate: monitorCert, key: monitorKey, readOnly: monitorReadOnly },
      target: new LiveTarget(session, recorder),
      ...(follows && { live: { session, models } }),
      ...(monitorLog !== undefined && { log: pino(pino.destination({ dest: monitorLog, sync: true })) }),
      metrics: () => liveMetrics(session, monitor),
    },
    output,
  );
  return () => monitor.close();
}
