import type { Scores } from './evaluate-recording.js';
import { type BootstrapInterval, pairedBootstrap } from './paired-bootstrap.js';

/** One recording before and after. */
export interface ScoredRecording {
  before: Scores;
  after: Scores;
}

/** Means over recordings, and of how much each measure changed. */
export interface EvaluationSummary extends ScoredRecording {
  /** With 95 % intervals: whether the change would hold on other recordings like these. */
  change: Record<keyof Scores, BootstrapInterval>;
}

/** @param recordings at least one */
export function summarise(recordings: readonly ScoredRecording[]): EvaluationSummary {
  const overMeasures = <T>(value: (measure: keyof Scores) => T): Record<keyof Scores, T> => ({
    siSdr: value('siSdr'),
    estoi: value('estoi'),
    segmentalSnr: value('segmentalSnr'),
  });
  const mean = (of: 'before' | 'after'): Scores =>
    overMeasures((measure) => recordings.reduce((sum, one) => sum + one[of][measure], 0) / recordings.length);
  return {
    before: mean('before'),
    after: mean('after'),
    change: overMeasures((measure) =>
      pairedBootstrap(recordings.map(({ before, after }) => after[measure] - before[measure])),
    ),
  };
}
