import type { TrainingEvent } from '../loop/training-events.js';

/**
 * What became of a run. `running`: a process is at work on it. `paused`: it was stopped and can go on. `killed`: its
 * process is gone without a word (kill −9, a power cut); it can go on. `early-stopped`: its patience ended it. `finished`:
 * it made all its epochs. `failed`: an error ended it.
 */
export type RunStatus = 'running' | 'paused' | 'killed' | 'early-stopped' | 'finished' | 'failed';

/** @param isHeld a process is at work on the run */
export function statusOf(events: readonly TrainingEvent[], isHeld: boolean): RunStatus {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    // Version 0 wrote of one end both that it was early and that the run was finished.
    const before = events[i - 1];
    if (event.kind === 'ended')
      return event.reason === 'early' || (before?.kind === 'ended' && before.reason === 'early')
        ? 'early-stopped'
        : 'finished';
    if (event.kind === 'started' || event.kind === 'step' || event.kind === 'epoch') break;
    if (event.kind === 'paused' && !isHeld) return 'paused';
    if (event.kind === 'failed' && !isHeld) return 'failed';
  }
  return isHeld ? 'running' : 'killed';
}
