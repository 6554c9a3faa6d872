import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../src/suggest.js';

describe('did you mean', () => {
  it.each([
    ['', '', 0],
    ['models', 'models', 0],
    ['modles', 'models', 1],
    ['kitten', 'sitting', 3],
    ['abc', '', 3],
  ])('from %j to %j are %i edits', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });

  it('takes the nearest, and only a near one', () => {
    expect(nearest('modles', ['eval', 'models', 'devices'])).toBe('models');
    expect(nearest('DEVICE', ['eval', 'models', 'devices'])).toBe('devices');
    expect(nearest('talk', ['eval', 'models', 'devices'])).toBeUndefined();
  });
});
