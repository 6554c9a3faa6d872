/**
 * What a run writes down: one record per step, one per epoch, one per event, as JSON lines. NaN and the infinities,
 * which JSON does not have and which a doctor needs to see, are written as the strings `"NaN"`, `"Infinity"`,
 * `"-Infinity"`.
 */

interface Measured {
  /** Optimiser steps made so far in the run, from 1. */
  step: number;
  /** Number of the epoch, from 1. */
  epoch: number;
  /** Training loss: of this step, or the mean of the epoch. */
  trainLoss: number;
  /** Learning rate that was used (in an epoch: by its last step). */
  learningRate: number;
  /** Global gradient norm before clipping (in an epoch: the mean over its steps). */
  gradientNorm: number;
  /** Wall-clock seconds of this step or epoch. */
  seconds: number;
  /** Resident memory of the process, MB (10⁶ bytes). */
  rssMB: number;
  /** Share of `seconds` spent waiting for data, 0…1. */
  loaderShare: number;
}

export interface StepRecord extends Measured {
  kind: 'step';
}

export interface EpochRecord extends Measured {
  kind: 'epoch';
  /** Loss on data that is not trained on, dropout off; absent when the run has no validation. */
  validationLoss?: number;
  /** Loss on the test set, where the task has one beside the validation set. */
  testLoss?: number;
  /** Loss on training data with dropout off, where it was measured: shows whether dropout acts at all. */
  trainLossWithoutDropout?: number;
}

export interface EventRecord {
  kind: 'event';
  step: number;
  epoch: number;
  /** What happened. */
  event: 'start' | 'resume' | 'checkpoint' | 'early stop' | 'nan' | 'warning' | 'interrupted' | 'finished';
  /** Details for the reader. */
  detail?: string;
}

export type MetricsRecord = StepRecord | EpochRecord | EventRecord;

/** One record as one line, with its newline. */
export function formatRecord(record: MetricsRecord): string {
  return `${JSON.stringify(record, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )}\n`;
}

const NOT_JSON = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** The record of one line, or `undefined` when the line is damaged or is no record. */
export function parseRecord(line: string): MetricsRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line, (key, field: unknown) =>
      typeof field === 'string' && key !== 'detail' ? (NOT_JSON.get(field) ?? field) : field,
    );
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Partial<Record<string, unknown>>;
  if (typeof record.step !== 'number' || typeof record.epoch !== 'number') return undefined;
  if (record.kind === 'event') return typeof record.event === 'string' ? (value as EventRecord) : undefined;
  if (record.kind !== 'step' && record.kind !== 'epoch') return undefined;
  return typeof record.trainLoss === 'number' ? (value as StepRecord | EpochRecord) : undefined;
}

/** All records of a metrics file's text. A half-written last line, and any damaged line, is left out and counted. */
export function parseMetrics(text: string): { records: MetricsRecord[]; damagedLines: number } {
  const records: MetricsRecord[] = [];
  let damagedLines = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const record = parseRecord(line);
    if (record === undefined) damagedLines++;
    else records.push(record);
  }
  return { records, damagedLines };
}
