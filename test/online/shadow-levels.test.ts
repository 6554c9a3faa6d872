import { describe, expect, it } from 'vitest';
import { levelDrift } from '../../src/online/shadow-levels.js';

/** Chunks of noise at one level, and of speech in a quarter of them, dBFS. */
const chunks = (noiseDb: number, speechDb = noiseDb) =>
  Array.from({ length: 400 }, (_, n) => 10 ** ((n % 4 === 0 ? speechDb : noiseDb) / 10));

describe('the level of a candidate in the shadow', () => {
  it('may not be louder than the champion', () => {
    const received = chunks(-40, -20);
    expect(levelDrift({ received, champion: chunks(-60, -20), candidate: chunks(-60, -5) })).toBeCloseTo(
      15,
      5,
    );
    expect(levelDrift({ received: chunks(-40), champion: chunks(-60), candidate: chunks(-41) })).toBeCloseTo(
      19,
      5,
    );
  });

  it('may be quieter in noise, which it is to take away, but not in speech', () => {
    const received = chunks(-40);
    expect(levelDrift({ received, champion: chunks(-60), candidate: chunks(-90) })).toBeUndefined();
    const spoken = { received: chunks(-40, -20), champion: chunks(-60, -21) };
    expect(levelDrift({ ...spoken, candidate: chunks(-95, -24) })).toBeUndefined();
    expect(levelDrift({ ...spoken, candidate: chunks(-95, -41) })).toBeCloseTo(-20, 5);
  });

  it('takes silence for silence', () => {
    const silence = [0, 0, 0];
    expect(levelDrift({ received: silence, champion: silence, candidate: silence })).toBeUndefined();
  });
});
