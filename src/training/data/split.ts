import { hashText } from '../../random.js';
import type { Clip, ClipLibrary } from './library.js';
import type { ClipPairs } from './pairs.js';

/** A library cut in two, and by what: `group` keeps speakers and recordings apart, the others could not. */
export interface LibrarySplit {
  train: ClipLibrary;
  validation: ClipLibrary;
  /**
   * `group`: no speaker or source recording on both sides. `file`: all files belong to one group, so only files are
   * kept apart. `shared`: one file only, the same on both sides; validation then says nothing about unseen audio.
   */
  by: 'group' | 'file' | 'shared';
}

/**
 * Splits a library by speaker or source recording, the same way for the same seed on any machine. Groups are taken in
 * the order of a hash of (seed, group) into validation while they fit into `heldOut` of the total duration, so one
 * speaker with a fifth of all recordings never falls on the small side. Files of unknown speakers (`group === null`)
 * always train: nobody could promise that their voices are unheard.
 *
 * @param heldOut share of the duration for validation, 0…0.5
 * @param fold from 0: folds of one seed have no group in common. With `heldOut` 1/k, folds 0 … k − 1 are those of a k-fold
 *   cross-validation
 */
export function splitLibrary(library: ClipLibrary, heldOut: number, seed: number, fold = 0): LibrarySplit {
  const only = (clips: Clip[]): ClipLibrary => ({ ...library, clips });
  if (heldOut === 0) return { train: library, validation: only([]), by: 'group' };
  const known = library.clips.filter((clip) => clip.group !== null);
  const candidates = known.length > 0 ? known : library.clips;
  const groups = new Set(candidates.map((clip) => clip.group));
  let by: LibrarySplit['by'] = 'group';
  let key = (clip: Clip): string => clip.group ?? clip.name;
  if (groups.size < 2 && known.length === library.clips.length) {
    by = 'file';
    key = (clip) => clip.name;
    if (library.clips.length < 2) return { train: library, validation: library, by: 'shared' };
  } else if (known.length === 0) by = 'file';

  const lengths = new Map<string, number>();
  for (const clip of candidates) lengths.set(key(clip), (lengths.get(key(clip)) ?? 0) + clip.length);
  const order = [...lengths.keys()].sort(
    (a, b) => hashText(a, seed) - hashText(b, seed) || (a < b ? -1 : a > b ? 1 : 0),
  );
  const total = library.clips.reduce((sum, clip) => sum + clip.length, 0);
  const used = new Set<string>();
  let held = new Set<string>();
  for (let turn = 0; turn <= fold; turn++) {
    held = new Set();
    let heldLength = 0;
    for (const name of order) {
      const length = lengths.get(name) ?? 0;
      if (used.has(name) || heldLength + length > heldOut * total) continue;
      held.add(name);
      used.add(name);
      heldLength += length;
    }
  }
  // Every group is larger than the share asked for: the shortest one is the least that can be held out.
  if (held.size === 0) {
    held.add(order.reduce((a, b) => ((lengths.get(b) ?? 0) < (lengths.get(a) ?? 0) ? b : a)));
  }
  const isHeld = (clip: Clip) => (clip.group !== null || known.length === 0) && held.has(key(clip));
  return {
    train: only(library.clips.filter((clip) => !isHeld(clip))),
    validation: only(library.clips.filter(isHeld)),
    by,
  };
}

/** Splits pairs by the names of their noisy halves, as {@link splitLibrary} does: no pair is on both sides. */
export function splitPairs(
  { noisy, clean }: ClipPairs,
  heldOut: number,
  seed: number,
  fold = 0,
): { train: ClipPairs; validation: ClipPairs; by: LibrarySplit['by'] } {
  const { train, validation, by } = splitLibrary(noisy, heldOut, seed, fold);
  const withPartners = (half: ClipLibrary): ClipPairs => {
    const names = new Set(half.clips.map(({ name }) => name));
    return { noisy: half, clean: { ...clean, clips: clean.clips.filter(({ name }) => names.has(name)) } };
  };
  return { train: withPartners(train), validation: withPartners(validation), by };
}
