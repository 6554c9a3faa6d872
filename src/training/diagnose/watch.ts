import type { EpochEvent, StepEvent, SteppedBackEvent } from '../loop/training-events.js';
import { findingsOf } from './diagnose.js';
import { type Finding, severityRank } from './finding.js';
import { viewRun } from './run-view.js';

/** Step records that are kept; when there are more, every second is dropped, so that the whole run stays in view. */
const MOST_STEPS = 1024;

/**
 * The doctor at the bedside: fed with what is measured in a running training, it answers with warnings, each once, and once
 * more only if it became worse. A step costs a few comparisons; the rules run at the end of an epoch, and at the first
 * step that is not finite.
 */
export class TrainingWatch {
  readonly #told = new Map<string, number>();
  readonly #epochs: EpochEvent[] = [];
  readonly #stepsBack: SteppedBackEvent[] = [];
  #steps: StepEvent[] = [];
  #stride = 1;
  #seen = 0;

  /** @param config of the run, as in its config.json */
  constructor(private readonly config: Readonly<Record<string, unknown>> = {}) {}

  /** @returns warnings that are new, worst first; nothing that is `info` or `good` */
  observe(event: StepEvent | EpochEvent | SteppedBackEvent): Finding[] {
    if (event.kind === 'epoch') {
      this.#epochs.push(event);
      return this.#news();
    }
    if (event.kind === 'stepped back') {
      this.#stepsBack.push(event);
      return this.#news();
    }
    const broken = !Number.isFinite(event.trainLoss) || !Number.isFinite(event.gradientNorm);
    if (broken || this.#seen % this.#stride === 0) this.#keep(event);
    this.#seen++;
    return broken && !this.#told.has('not-finite') ? this.#news() : [];
  }

  #keep(step: StepEvent): void {
    this.#steps.push(step);
    if (this.#steps.length <= MOST_STEPS) return;
    this.#steps = this.#steps.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  #news(): Finding[] {
    const view = viewRun([...this.#epochs, ...this.#steps, ...this.#stepsBack], this.config);
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
