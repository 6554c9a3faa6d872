import { expect } from 'vitest';

/** Matches wrong usage with this code, and a hint of what to do. */
export const coded = (code: string): unknown =>
  expect.objectContaining({ code, exitCode: 2, hint: expect.any(String) });
