import { describeRetuneEvent } from '../../online/describe-retune-event.js';
import { describeCheck } from '../../online/gate.js';
import type { RetuneEvent } from '../../online/retune-history.js';

/** Retunings that are shown, the last ones. */
const SHOWN = 10;

/** What the retunings brought, each with its numbers. */
export function describeHistory(events: readonly RetuneEvent[]): string[] {
  const nights = new Map<string, RetuneEvent[]>();
  for (const event of events) nights.set(event.id, [...(nights.get(event.id) ?? []), event]);
  if (nights.size === 0) return ['Nothing was retuned yet: denoise retune --now.'];
  return [...nights]
    .slice(-SHOWN)
    .flatMap(([id, own]) => [
      id.slice(0, 16).replace('T', ' '),
      ...own.flatMap((event) => [`  ${describeRetuneEvent(event)}`, ...details(event)]),
    ]);
}

function details(event: RetuneEvent): string[] {
  if (event.kind !== 'judged') return [];
  const checks = event.checks.map(
    (check) =>
      `    ${check.holds ? 'ok  ' : 'FAIL'} ${describeCheck({ ...check, value: check.value ?? Number.NaN })}`,
  );
  return [...checks, ...event.listen.map((path) => `    listen: ${path}`)];
}
