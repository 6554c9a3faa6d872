export * from './alternatives.js';
export { type Diagnosis, diagnose, type KeptEpoch, type RemedyPatch, remedyPatch } from './diagnose.js';
export * from './finding.js';
export { formatDiagnosis, formatWarning, type ReportOptions } from './report.js';
export { successTier, TIERS, type Tier } from './tiers.js';
export { TrainingWatch } from './watch.js';
