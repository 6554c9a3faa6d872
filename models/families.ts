/** Every model family by name. A new family is one file in this folder and one line here. */
import { UsageError } from '../src/errors.js';
import type { ModelFamily } from '../src/nn/model-family.js';
import { bandSplit } from './band-split.js';
import { cfc } from './cfc.js';
import { lstmFamily } from './lstm.js';
import { ltc } from './ltc.js';
import { seqvae } from './seqvae.js';
import { unet1d } from './unet1d.js';
import { unet1dLstm } from './unet1d-lstm.js';

/** A family whose configuration has been forgotten by the type system: pass it only what its own schema returned. */
export type AnyFamily = ModelFamily<unknown>;

const families: readonly AnyFamily[] = [unet1dLstm, bandSplit, unet1d, lstmFamily, cfc, ltc, seqvae];

export const familyNames = (): string[] => families.map(({ name }) => name);

/** Whether models of a family depend on the level of their input; false of families that are not known. */
export const isLevelDependent = (name: string | undefined): boolean =>
  families.find((family) => family.name === name)?.levelDependent ?? false;

/** @throws UsageError `E_FAMILY` naming those that exist */
export function familyByName(name: string): AnyFamily {
  const family = families.find((candidate) => candidate.name === name);
  if (family !== undefined) return family;
  throw new UsageError('E_FAMILY', `There is no model family "${name}".`, {
    hint: `Choose one of: ${familyNames().join(', ')}.`,
  });
}

/**
 * A configuration with defaults filled in. @throws UsageError `E_CONFIG` naming every setting that is wrong
 */
export function parseConfig(family: AnyFamily, settings: unknown): unknown {
  const result = family.configSchema.safeParse(settings);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'settings'}: ${message}`,
  );
  throw new UsageError('E_CONFIG', `The configuration does not fit ${family.name}: ${problems.join('; ')}.`);
}
