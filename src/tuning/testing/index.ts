/** Conformance suites for those who write a storage, a queue, a sampler or a pruner of their own. */
export type { Check } from './check.js';
export { journalStorageChecks, type OpenStorage } from './journal-storage.js';
export { prunerChecks } from './pruner.js';
export { samplerChecks } from './sampler.js';
export { type OpenQueue, type QueueBench, trialQueueChecks } from './trial-queue.js';
