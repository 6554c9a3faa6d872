import type { EpochRecord, EventRecord, MetricsRecord, StepRecord } from '../loop/training-events.js';
import { findingsOf } from './diagnose.js';
import { type Finding, severityRank } from './finding.js';
import { viewRun } from './run-view.js';

/** Step records that are kept; when there are more, every second is dropped, so that the whole run stays in view. */
const MOST_STEPS = 1024;

/**
 * The doctor at the bedside: fed with every record of a running training, it answers with warnings, each once, and once
 * more only if it became worse. A step costs a few comparisons; the rules run at the end of an epoch, and at the first
 * step that is not finite.
 */
export class TrainingWatch {
  readonly #told = new Map<string, number>();
  readonly #epochs: EpochRecord[] = [];
  readonly #events: EventRecord[] = [];
  #steps: StepRecord[] = [];
  #stride = 1;
  #seen = 0;

  /** @param config of the run, as in its config.json */
  constructor(private readonly config: Readonly<Record<string, unknown>> = {}) {}

  /** @returns warnings that are new, worst first; nothing that is `info` or `good` */
  observe(record: MetricsRecord): Finding[] {
    if (record.kind === 'epoch') {
      this.#epochs.push(record);
      return this.#news();
    }
    if (record.kind === 'event') {
      this.#events.push(record);
      return record.event === 'nan' ? this.#news() : [];
    }
    const broken = !Number.isFinite(record.trainLoss) || !Number.isFinite(record.gradientNorm);
    if (broken || this.#seen % this.#stride === 0) this.#keep(record);
    this.#seen++;
    return broken && !this.#told.has('not-finite') ? this.#news() : [];
  }

  #keep(record: StepRecord): void {
    this.#steps.push(record);
    if (this.#steps.length <= MOST_STEPS) return;
    this.#steps = this.#steps.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  #news(): Finding[] {
    const view = viewRun([...this.#epochs, ...this.#steps, ...this.#events], this.config);
    const news: Finding[] = [];
    for (const finding of findingsOf(view, true)) {
      const rank = severityRank(finding.severity);
      if (rank > severityRank('watch') || rank >= (this.#told.get(finding.code) ?? Number.POSITIVE_INFINITY))
        continue;
      this.#told.set(finding.code, rank);
      news.push(finding);
    }
    return news;
  }
}
