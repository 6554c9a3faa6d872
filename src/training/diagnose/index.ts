export * from './alternatives.js';
export { diagnose, remedyPatch } from './diagnose.js';
export * from './finding.js';
export { formatDiagnosis, formatWarning } from './report.js';
export { successTier, type Tier } from './tiers.js';
export { TrainingWatch } from './watch.js';
