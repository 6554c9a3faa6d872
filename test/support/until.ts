import { setImmediate as turn } from 'node:timers/promises';

/** Turns the event loop until `holds`; a test that waits for ever is ended by its own time limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await turn();
}

/** Turns the event loop `times` times: enough for what is under way inside the process to settle. */
export async function turns(times = 20): Promise<void> {
  for (let i = 0; i < times; i++) await turn();
}
