import { deadSchedule } from './dead-schedule.js';
import { diverging } from './diverging.js';
import { deadDropout } from './dropout.js';
import { explodingGradients, notUpdating } from './gradients.js';
import { jump } from './jump.js';
import { networkShape } from './network-shape.js';
import { notFinite } from './not-finite.js';
import { oscillating } from './oscillating.js';
import { overfitting } from './overfitting.js';
import { converged, falling, nothingYet, noValidation } from './progress.js';
import { growingMemory, loaderBound } from './resources.js';
import type { Rule } from './rule.js';
import { earlyStopped, stillImproving } from './stopping.js';
import { behind, plateau, slow, worseThanSilence } from './too-slow.js';

interface RuleEntry {
  rule: Rule;
  /** Codes whose serious or critical finding makes this one beside the point, or its remedy harmful. */
  unless?: readonly string[];
  /** Says something while the run still goes on. */
  live?: boolean;
}

/** A run with one of these has no use for advice on slowness, over-fitting or more epochs. */
const LOST = ['not-finite', 'not-updating', 'diverging'] as const;
const UNSTABLE = [...LOST, 'oscillating', 'worse-than-silence'] as const;

/** Every rule, in the order in which findings of equal severity are told: causes before consequences. */
export const RULES: readonly RuleEntry[] = [
  { rule: notFinite, live: true },
  { rule: notUpdating, live: true },
  { rule: diverging, live: true },
  { rule: oscillating, unless: ['not-finite', 'not-updating'], live: true },
  { rule: worseThanSilence, unless: LOST, live: true },
  { rule: jump, live: true },
  { rule: explodingGradients, live: true },
  { rule: overfitting, unless: LOST, live: true },
  { rule: deadSchedule, unless: [...LOST, 'overfitting'], live: true },
  { rule: plateau, unless: [...UNSTABLE, 'overfitting', 'dead-schedule'], live: true },
  { rule: slow, unless: UNSTABLE, live: true },
  { rule: growingMemory, live: true },
  { rule: loaderBound, live: true },
  { rule: deadDropout, live: true },
  { rule: stillImproving, unless: UNSTABLE },
  { rule: earlyStopped },
  { rule: behind, unless: [...UNSTABLE, 'plateau'], live: true },
  { rule: noValidation },
  { rule: networkShape },
  { rule: nothingYet },
  { rule: converged, unless: UNSTABLE },
  { rule: falling, unless: UNSTABLE },
];
