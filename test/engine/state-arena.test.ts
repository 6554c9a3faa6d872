import { describe, expect, it } from 'vitest';
import { StateArena } from '../../src/engine/state-arena.js';

describe('StateArena', () => {
  it('keeps every row through growing, and gives out rows of zeros', () => {
    const arena = new StateArena(3);
    const rows = Array.from({ length: 1000 }, () => arena.take());
    rows.forEach((row, i) => void arena.row(row).fill(i));
    expect(new Set(rows).size).toBe(1000);
    rows.forEach((row, i) => void expect([...arena.row(row)]).toEqual([i, i, i]));
    arena.give(rows[500]);
    const again = arena.take();
    expect(again).toBe(rows[500]);
    expect([...arena.row(again)]).toEqual([0, 0, 0]);
    expect([...arena.row(rows[501])]).toEqual([501, 501, 501]);
  });

  it('takes streams that have no state', () => {
    const arena = new StateArena(0);
    expect([arena.take(), arena.take()]).toEqual([0, 1]);
    expect(arena.row(1)).toHaveLength(0);
  });
});
