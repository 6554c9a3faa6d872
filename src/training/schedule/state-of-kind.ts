import { TrainingError } from '../../errors.js';
import type { ScheduleState } from './schedule.js';

/** `state` narrowed to one kind. @throws TrainingError `E_SCHEDULE_STATE` when the run was made with another schedule. */
export function stateOfKind<K extends ScheduleState['kind']>(
  state: ScheduleState,
  kind: K,
): Extract<ScheduleState, { kind: K }> {
  if (state.kind !== kind) {
    throw new TrainingError(
      'E_SCHEDULE_STATE',
      `The saved learning-rate schedule is "${state.kind}", but this run is configured with "${kind}".`,
      { hint: 'Resume with the schedule of the run, or start a new run.' },
    );
  }
  return state as Extract<ScheduleState, { kind: K }>;
}
