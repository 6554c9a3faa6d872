import { evidenceOf } from '../finding.js';
import { percentText } from '../number-text.js';
import type { RunView } from '../run-view.js';
import { median, medianOfParts } from '../series.js';
import type { Rule } from './rule.js';

const MEMORY_GROWTH = 0.2;
const MEMORY_GROWTH_MB = 50;
const LOADER_SHARE = 0.2;

/** Resident memory that keeps growing. The first fifth is left out: there buffers are still being filled. */
export const growingMemory: Rule = (run) => {
  const sizes = measured(run, 'rssMB');
  const settled = sizes.slice(Math.ceil(sizes.length / 5));
  if (settled.length < 5) return undefined;
  const parts = medianOfParts(settled, 5);
  const growth = parts[4] - parts[0];
  const steady = parts.every((part, i) => i === 0 || part > parts[i - 1]);
  if (!steady || growth < MEMORY_GROWTH_MB || growth < MEMORY_GROWTH * parts[0]) return undefined;
  const ratio = growth / Math.max(parts[0], 1);
  return {
    code: 'growing-memory',
    severity: ratio > 1 ? 'serious' : 'watch',
    what: `Memory grows without end: from ${Math.round(parts[0])} MB to ${Math.round(parts[4])} MB, ${percentText(ratio)}.`,
    remedy:
      'Stop before the machine swaps and resume from the last checkpoint, which begins with fresh memory. State must be detached between chunks; if it is, this is a defect worth reporting.',
    evidence: evidenceOf({ fromMB: parts[0], toMB: parts[4], growth: ratio }),
  };
};

/** The training waits for its data. */
export const loaderBound: Rule = (run) => {
  const shares = measured(run, 'loaderShare');
  if (shares.length < 3) return undefined;
  const share = median(shares.slice(shares.length >> 1));
  if (!(share > LOADER_SHARE)) return undefined;
  return {
    code: 'loader-bound',
    severity: 'watch',
    what: `The training waits for data ${percentText(share).replace('+', '')} of the time.`,
    remedy:
      'Give the loader more workers, put the recordings on a local disk, or ask for less reverberation.',
    evidence: evidenceOf({ share }),
  };
};

function measured({ steps, epochs }: RunView, name: 'rssMB' | 'loaderShare'): number[] {
  const source = steps.length > epochs.length ? steps : epochs;
  return source.map((record) => record[name]).filter((value) => Number.isFinite(value) && value >= 0);
}
