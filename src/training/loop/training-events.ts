import { z } from 'zod';
import type { DataSummary } from '../data/data-summary.js';
import type { Finding } from '../diagnose/finding.js';

/**
 * What happens in a training, as one union. Every event is made once, by the run, and handed on unchanged: to the run
 * folder, the terminal, a queue, a monitor. All are plain data. JSON has no NaN and no infinities, which a doctor needs to
 * see: {@link formatEvent} writes them as the strings `"NaN"`, `"Infinity"`, `"-Infinity"`.
 */
export type TrainingEvent =
  | ReadingEvent
  | StartedEvent
  | StepEvent
  | EpochEvent
  | SteppedBackEvent
  | FindingEvent
  | CheckpointEvent
  | PausedEvent
  | EndedEvent
  | FailedEvent;

interface At {
  /** Optimiser steps made so far in the run. */
  step: number;
  /** Number of the epoch that the step belongs to, from 1. */
  epoch: number;
}

/** Recordings are being read. Not kept in the run folder. */
export interface ReadingEvent extends At {
  kind: 'reading';
  /** Files read so far, of all. */
  done: number;
  total: number;
}

/** The run begins or, from step 1 on, goes on from its checkpoint. */
export interface StartedEvent extends At {
  kind: 'started';
  /** Number of weights. */
  parameters: number;
  /** Where it trains: cpu, webgpu, … */
  device: string;
  totalSteps: number;
  /** It was asked to go on with a run that had no checkpoint yet, so it begins anew. */
  anew?: true;
  /** What it learns from, where that is recordings. */
  data?: DataSummary;
}

interface Measured extends At {
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

export interface StepEvent extends Measured {
  kind: 'step';
}

export interface EpochEvent extends Measured {
  kind: 'epoch';
  /** Loss on data that is not trained on, dropout off; absent when the run has no validation. */
  validationLoss?: number;
  /** Loss on the test set, where the task has one beside the validation set. */
  testLoss?: number;
  /** Loss on training data with dropout off, where it was measured: shows whether dropout acts at all. */
  trainLossWithoutDropout?: number;
  /** What the task measures besides on the validation set, by name. */
  outputs?: Record<string, number>;
  /** The best epoch so far: its weights are kept. */
  improved?: boolean;
}

/** A loss or gradient was not finite: the weights went back to the last good ones. */
export interface SteppedBackEvent extends At {
  kind: 'stepped back';
  /** What was not finite. */
  reason: string;
  /** What the learning rate was multiplied by. */
  rateFactor: number;
}

/** The doctor found something while the run goes on. */
export interface FindingEvent extends At {
  kind: 'finding';
  finding: Finding;
}

export interface CheckpointEvent extends At {
  kind: 'checkpoint';
}

/** The run stopped where it can go on: at the end of its `budget`, or because it was `asked` to. */
export interface PausedEvent extends At {
  kind: 'paused';
  reason: 'budget' | 'asked';
}

/** The run came to its end: all epochs, or `early` by its patience. */
export interface EndedEvent extends At {
  kind: 'ended';
  reason: 'finished' | 'early';
}

export interface FailedEvent extends At {
  kind: 'failed';
  error: { code: string; message: string; hint?: string };
}

/** One event as one line, with its newline. */
export function formatEvent(event: TrainingEvent): string {
  return `${JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )}\n`;
}

/** What {@link formatEvent} and, for NaN and the infinities alike, plain JSON.stringify make of a number. */
const number = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']), z.null()])
  .transform((value) => (value === null ? Number.NaN : Number(value)));

const at = { step: z.number(), epoch: z.number() };
const measured = {
  ...at,
  trainLoss: number,
  learningRate: number.default(Number.NaN),
  gradientNorm: number.default(Number.NaN),
  seconds: number.default(Number.NaN),
  rssMB: number.default(Number.NaN),
  loaderShare: number.default(Number.NaN),
};
const findingSchema = z.object({
  code: z.string(),
  severity: z.enum(['critical', 'serious', 'watch', 'info', 'good']),
  what: z.string(),
  remedy: z.string(),
  avoid: z.array(z.string()).optional(),
  evidence: z.record(z.string(), z.number()),
  patch: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
  start: z.enum(['initial', 'resume']).optional(),
});

/** Events of runs by versions that had no event for data: see {@link upgraded}. */
const eventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reading'), ...at, done: z.number(), total: z.number() }),
  z.object({
    kind: z.literal('started'),
    ...at,
    parameters: number,
    device: z.string(),
    totalSteps: number,
    anew: z.literal(true).optional(),
    data: z.custom<DataSummary>((value) => typeof value === 'object' && value !== null).optional(),
  }),
  z.object({ kind: z.literal('step'), ...measured }),
  z.object({
    kind: z.literal('epoch'),
    ...measured,
    validationLoss: number.optional(),
    testLoss: number.optional(),
    trainLossWithoutDropout: number.optional(),
    outputs: z.record(z.string(), number).optional(),
    improved: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('stepped back'), ...at, reason: z.string(), rateFactor: number }),
  z.object({ kind: z.literal('finding'), ...at, finding: findingSchema }),
  z.object({ kind: z.literal('checkpoint'), ...at }),
  z.object({ kind: z.literal('paused'), ...at, reason: z.enum(['budget', 'asked']) }),
  z.object({ kind: z.literal('ended'), ...at, reason: z.enum(['finished', 'early']) }),
  z.object({
    kind: z.literal('failed'),
    ...at,
    error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  }),
]);

/** The event of one line, or `undefined` when the line is damaged or is no event. */
export function parseEvent(line: string): TrainingEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return eventSchema.safeParse(upgraded(value)).data;
}

/** All events of a log. A half-written last line, and any damaged line, is left out and counted. */
export function parseEvents(text: string): { events: TrainingEvent[]; damagedLines: number } {
  const events: TrainingEvent[] = [];
  let damagedLines = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const event = parseEvent(line);
    if (event === undefined) damagedLines++;
    else events.push(event);
  }
  return { events, damagedLines };
}

/** An event as version 0.1 wrote it, `{kind: 'event', event: …, detail}`, in today's form; all else as it is. */
function upgraded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'event')
    return value;
  const { step, epoch, event, detail } = value as Record<string, unknown>;
  const here = { step, epoch };
  switch (event) {
    case 'start':
    case 'resume':
      return { ...here, kind: 'started', parameters: 'NaN', device: 'unknown', totalSteps: 'NaN' };
    case 'checkpoint':
      return { ...here, kind: 'checkpoint' };
    case 'nan':
      return { ...here, kind: 'stepped back', reason: detail ?? 'not finite', rateFactor: 0.3 };
    case 'warning':
      return {
        ...here,
        kind: 'finding',
        finding: { code: 'warning', severity: 'watch', what: detail ?? '', remedy: '', evidence: {} },
      };
    case 'interrupted':
      return { ...here, kind: 'paused', reason: 'asked' };
    case 'early stop':
      return { ...here, kind: 'ended', reason: 'early' };
    case 'finished':
      return { ...here, kind: 'ended', reason: 'finished' };
    default:
      return value;
  }
}
