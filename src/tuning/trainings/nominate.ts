import { openModel } from '../../../models/open-model.js';
import { ModelRegistry } from '../../../models/registry.js';
import type { ModelUse } from '../../../models/use.js';
import type { StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';

/** A model that was made the candidate of a use. */
export interface Nomination {
  /** SHA-256 of its file. */
  version: string;
  use: ModelUse;
}

/**
 * Keeps the model of a study's best trial among the versions of this machine, and makes it the candidate of a use. It
 * serves only once somebody promotes it. Its report says what the study measured.
 * @param model path of the checkpoint
 * @throws ModelError when it cannot be read; OutputError when the registry cannot be written
 */
export async function nominate(
  model: string,
  { number: trial, params, values = [] }: TrialRecord,
  { name: study, metrics }: StudyView,
  use: ModelUse,
): Promise<Nomination> {
  const { checkpoint } = await openModel(model);
  const measured = Object.fromEntries(metrics.map((metric, i) => [metric, values[i]]));
  const registry = new ModelRegistry();
  const version = registry.add(checkpoint, `tune ${study}`, { study, trial, params, ...measured });
  registry.nominate(version, use);
  return { version, use };
}
