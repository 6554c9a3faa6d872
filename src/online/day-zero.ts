import { readFileSync } from 'node:fs';
import { Checkpoint } from '../../models/checkpoint.js';
import { openModel } from '../../models/open-model.js';
import { SHIPPED_MODELS } from '../../models/pretrained.js';
import type { ModelRegistry } from '../../models/registry.js';
import type { ModelUse } from '../../models/use.js';

/** What the registry calls versions that a retuning made. */
export const RETUNED = 'retune';

/**
 * The model that a champion was once tuned from, night after night: its nearest ancestor that no retuning made; the oldest one
 * that is still there.
 */
export async function dayZeroOf(
  champion: Checkpoint,
  use: ModelUse,
  registry: ModelRegistry,
): Promise<Checkpoint> {
  const { versions } = registry.state();
  let oldest = champion;
  for (;;) {
    const { hash, parent } = oldest.info;
    if (versions.get(hash)?.origin !== RETUNED || parent === undefined) return oldest;
    if (versions.has(parent)) oldest = Checkpoint.parse(readFileSync(registry.pathOf(parent)));
    else {
      const { checkpoint: shipped } = await openModel(SHIPPED_MODELS[use]);
      return shipped.info.hash === parent ? shipped : oldest;
    }
  }
}
