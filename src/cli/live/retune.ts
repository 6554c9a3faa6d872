import { spawn } from 'node:child_process';
import type { ModelUse } from '../../../models/use.js';
import type { LiveModels } from '../../../streams/live/live-models.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import { toDenoiseError } from '../../errors.js';
import { dataFolder } from '../../files/data-folder.js';
import type { Output } from '../output.js';

export interface LiveRetuneOptions {
  session: LiveSession;
  models: LiveModels;
  use: ModelUse;
  profile: string;
  cron: string;
  output: Output;
}

/**
 * Retunes on a schedule beside a live session: training in a process of its own with lower priority, then the trial of its
 * candidate in the session. @returns what ends it
 * @throws UsageError `E_CRON`
 */
export async function startLiveRetune(options: LiveRetuneOptions): Promise<() => Promise<void>> {
  const [{ CronSchedule, waitUntil }, { RetuneHistory }] = await Promise.all([
    import('../../online/schedule.js'),
    import('../../online/retune-history.js'),
  ]);
  const schedule = new CronSchedule(options.cron);
  const history = new RetuneHistory(dataFolder());
  const stop = new AbortController();
  const say = (error: unknown): void => {
    if (!stop.signal.aborted) options.output.warn(toDenoiseError(error, 'Retuning').message);
  };
  const nights = async (): Promise<void> => {
    for (;;) {
      const last = history.events().findLast(({ kind }) => kind === 'started');
      const next = schedule.next(new Date(), last && new Date(last.time));
      if (next === undefined) return;
      await waitUntil(next, stop.signal);
      await train(options, stop.signal).catch(say);
      await tryCandidate(options, stop.signal).catch(say);
      // A night that failed before it began is not tried again at once.
      await waitUntil(new Date(Date.now() + 60_000), stop.signal);
    }
  };
  const done = nights().catch(say);
  return () => {
    stop.abort();
    return done;
  };
}

/** `denoise retune --now --nominate` to its end. */
function train({ use, profile, output }: LiveRetuneOptions, signal: AbortSignal): Promise<void> {
  const words = ['retune', '--now', '--nominate', '--use', use, '--profile', profile, '--quiet'];
  const child = spawn(process.execPath, [process.argv[1], ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.warn(text.trim()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
}

/** Tries the candidate, if there is one, and promotes it or lets it go. */
async function tryCandidate(
  { session, models, use, output }: LiveRetuneOptions,
  signal: AbortSignal,
): Promise<void> {
  const [{ ModelRegistry }, { Model }, { tryLive }, { RetuneHistory }] = await Promise.all([
    import('../../../models/registry.js'),
    import('../../engine/model.js'),
    import('../../online/live-trial.js'),
    import('../../online/retune-history.js'),
  ]);
  const registry = new ModelRegistry();
  const version = registry.state().uses[use].candidate;
  if (version === null) return;
  const candidate = await Model.load(`${use}/candidate`, { use, signal });
  const outcome = await tryLive({ session, models, use, candidate, signal });
  const history = new RetuneHistory(dataFolder());
  const id = history.events().findLast(({ kind }) => kind === 'started')?.id ?? new Date().toISOString();
  if (outcome.kept) {
    registry.promote(version, use);
    history.record(id, { kind: 'promoted', version });
    output.warn(`${version.slice(0, 12)} is the champion of ${use} from now on.`);
    return;
  }
  const reason = `${outcome.stage}: ${outcome.reason}`;
  registry.nominate(null, use);
  history.record(id, { kind: 'rolled-back', reason });
  output.warn(`The candidate ${version.slice(0, 12)} was not kept: ${reason}.`);
}
