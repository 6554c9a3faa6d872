import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { InputError } from '../../errors.js';
import type { MonitorTarget } from '../../monitor/target.js';
import { TrainingTarget } from '../../monitor/training-target.js';
import { TuningTarget } from '../../monitor/tuning-target.js';
import { holdsRun } from '../../training/run/run-folder.js';
import { openBackend, STUDIES } from '../../tuning/open-storage.js';
import type { CommandContext } from '../context.js';
import { openMonitor } from './open-monitor.js';

export interface MonitorCommandOptions {
  listen?: string;
  storage?: string;
  readOnly?: boolean;
  cert?: string;
  key?: string;
  log?: string;
  json?: boolean;
  quiet?: boolean;
}

/** What makes a folder a study. */
const JOURNAL = 'journal.jsonl';

/** Shows a run, a study, or only the models, until a signal ends it. */
export async function runMonitor(
  what: string | undefined,
  options: MonitorCommandOptions,
  { output, signal }: CommandContext,
): Promise<void> {
  const { listen, storage, readOnly, cert, key, log } = options;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  const target = what === undefined ? undefined : await targetOf(what, storage);
  try {
    const monitor = await openMonitor(
      {
        ...{ address: listen, certificate: cert, key, readOnly, target },
        ...(log !== undefined && { log: pino(pino.destination({ dest: log, sync: true })) }),
      },
      output,
    );
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await monitor.close();
  } finally {
    if (target instanceof TuningTarget) await target.close();
  }
}

/** @throws InputError `E_NOTHING_TO_SHOW`; as the targets do */
async function targetOf(what: string, storage: string | undefined): Promise<MonitorTarget> {
  if (storage === undefined && holdsRun(what)) return new TrainingTarget(what);
  const folder = existsSync(join(what, JOURNAL)) ? what : join(STUDIES, what);
  if (storage === undefined && !existsSync(join(folder, JOURNAL)))
    throw new InputError('E_NOTHING_TO_SHOW', `${what} is neither a training run nor a study.`, {
      hint: 'Name a folder that denoise train wrote, or a study of denoise analyze --list.',
    });
  const backend = await openBackend(storage, what, folder);
  return TuningTarget.open(backend.storage);
}
