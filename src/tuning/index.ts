/**
 * Tuning: find the configuration that does best. Ask and tell,
 *
 *     const study = await Study.open(new FileStorage('studies/mine'), { space, sampler: tpeSampler(), pruner: ashaPruner() });
 *     for (let trial = await study.ask(); trial !== undefined; trial = await study.ask()) await trial.complete([loss(trial.params)]);
 *
 * or {@link runStudy} with an objective that can stop at a checkpoint and go on from it.
 */
export { type Analysis, analyseStudy } from './analyse/analysis.js';
export { htmlReport } from './analyse/report.js';
export type { Categories, Distribution, NumberRange, ParameterValue, Params } from './distribution.js';
export { type Backend, backends, openBackend } from './open-storage.js';
export type { Answer, OwnedTrial } from './owned-trial.js';
export { ashaPruner } from './pruners/asha.js';
export { hyperbandPruner } from './pruners/hyperband.js';
export { pruners } from './pruners/index.js';
export { pashaPruner } from './pruners/pasha.js';
export { patiencePruner } from './pruners/patience.js';
export { medianPruner, percentilePruner } from './pruners/percentile.js';
export type { Pruner, PrunerOptions, Verdict } from './pruners/pruner.js';
export { thresholdPruner } from './pruners/threshold.js';
export { InProcessQueue, type InProcessQueueOptions } from './queue/in-process.js';
export type { Lease, TrialQueue } from './queue/trial-queue.js';
export { readStudy } from './read-study.js';
export {
  type Objective,
  type Outcome,
  type RunStudyOptions,
  runStudy,
  type TrialContext,
} from './run-study.js';
export { gridSampler } from './samplers/grid.js';
export { samplers } from './samplers/index.js';
export { randomSampler } from './samplers/random.js';
export type { Sampler } from './samplers/sampler.js';
export { type TpeOptions, tpeSampler } from './samplers/tpe.js';
export { spaceFromSchema } from './searches/from-schema.js';
export { spaces } from './searches/spaces.js';
export { type Space, type Suggest, type Suggestion, spaceOf } from './space.js';
export type { StopRules } from './stop-rules.js';
export { FileStorage } from './storages/file.js';
export type { JournalPosition, JournalStorage, Snapshot } from './storages/journal-storage.js';
export { MemoryStorage } from './storages/memory.js';
export { Study, type StudyOptions } from './study.js';
export type { Direction, StudyView } from './study-view.js';
export type { Report, TrialError, TrialRecord, TrialState } from './trial.js';
