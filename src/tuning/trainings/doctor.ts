import { type Finding, TrainingWatch } from '../../training/diagnose/index.js';
import type { EpochEvent } from '../../training/loop/training-events.js';
import type { Distribution, ParameterValue, Params } from '../distribution.js';
import { contains } from '../distribution.js';
import type { TrialRecord } from '../trial.js';

/** What is done with a trial that the doctor gives up: nothing, its end, or its end and a new trial with the remedy. */
export type DoctorMode = 'off' | 'prune' | 'restart';

/** Findings that end a trial: it is lost, or nothing more is learnt. */
const HOPELESS = new Set(['diverging', 'not-finite', 'not-updating', 'dead-schedule', 'plateau']);

/** Watches the epochs of a trial. */
export class TrialDoctor {
  readonly #watch: TrainingWatch;

  /** @param config of the training run */
  constructor(config: Readonly<Record<string, unknown>>) {
    this.#watch = new TrainingWatch(config);
  }

  /** The finding that makes a trial hopeless, if this epoch shows one. */
  observe(epoch: EpochEvent): Finding | undefined {
    return this.#watch
      .observe(epoch)
      .find(
        ({ code, severity }) => HOPELESS.has(code) && (severity === 'critical' || severity === 'serious'),
      );
  }
}

/**
 * The configuration of a new trial with the remedy of a finding, as far as the space has it: for a choice the next one in the remedy's
 * direction. `undefined` when nothing of the remedy lies in the space.
 */
export function remedied({ params, distributions }: TrialRecord, finding: Finding): Params | undefined {
  const changed: Record<string, ParameterValue> = {};
  for (const [name, wanted] of Object.entries(finding.patch ?? {})) {
    if (!(name in params)) continue;
    const value = inSpace(distributions[name], wanted, params[name]);
    if (value !== undefined && value !== params[name]) changed[name] = value;
  }
  return Object.keys(changed).length === 0 ? undefined : { ...params, ...changed };
}

function inSpace(d: Distribution, wanted: ParameterValue, now: ParameterValue): ParameterValue | undefined {
  if (contains(d, wanted)) return wanted;
  if (typeof wanted !== 'number' || typeof now !== 'number') return undefined;
  if (d.kind !== 'categorical')
    return wanted < now ? (d.low < now ? d.low : undefined) : d.high > now ? d.high : undefined;
  const between = d.choices.filter(
    (choice) => typeof choice === 'number' && (wanted < now ? choice < now : choice > now),
  ) as number[];
  between.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
  return between[0];
}
