import { describe, expect, it } from 'vitest';
import { CronSchedule, waitUntil } from '../../src/online/schedule.js';

const at = (text: string) => new Date(text);

describe('a schedule', () => {
  const nightly = new CronSchedule('0 3 * * *');

  it('runs at the next time', () => {
    expect(nightly.next(at('2026-03-01T12:00:00'), at('2026-03-01T03:00:00'))).toEqual(
      at('2026-03-02T03:00:00'),
    );
  });

  it('catches up once what was missed while the machine was off', () => {
    const now = at('2026-03-09T12:00:00');
    expect(nightly.next(now, at('2026-03-01T03:00:00'))).toEqual(now);
    expect(nightly.next(now, now)).toEqual(at('2026-03-10T03:00:00'));
  });

  it('has missed nothing where it never ran', () => {
    expect(nightly.next(at('2026-03-01T12:00:00'), undefined)).toEqual(at('2026-03-02T03:00:00'));
  });

  it('refuses what is no time', () => {
    expect(() => new CronSchedule('at night')).toThrow(/no time of cron/);
  });

  it('does not wait for what is past, and stops waiting when asked to', async () => {
    await waitUntil(new Date(Date.now() - 1000), new AbortController().signal);
    const stop = new AbortController();
    const waiting = waitUntil(new Date(Date.now() + 3_600_000), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});
