import type { RetuneEvent } from './retune-history.js';

/** An event in a sentence, for a reader. */
export function describeRetuneEvent(event: RetuneEvent): string {
  switch (event.kind) {
    case 'started':
      return `Retuning for ${event.use} on ${(event.noiseSeconds / 60).toFixed(1)} min of noise of ${event.profile}.`;
    case 'skipped':
      return `Nothing was trained: ${event.reason}.`;
    case 'trained':
      return `${event.trials} trials, ${event.steps} steps in ${(event.seconds / 60).toFixed(1)} min; ${Math.round(100 * event.share)} % of the way is kept.`;
    case 'judged':
      return `${event.verdict}: ${event.reason}`;
    case 'nominated':
      return `${event.version.slice(0, 12)} is the candidate.`;
    case 'promoted':
      return `${event.version.slice(0, 12)} is the champion from now on.`;
    case 'rolled-back':
      return `The champion before is back: ${event.reason}.`;
    case 'ended':
      return 'Done.';
    case 'failed':
      return `Failed: ${event.message}`;
    case 'interrupted':
      return 'The program ended in the middle of it; nothing was exchanged half.';
  }
}
