import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JitterRing } from '../../../src/web/page/jitter-ring.js';

const RATE = 16_000;
/** What a sound card takes at a time. */
const QUANTUM = 128;
/** Samples of a piece that comes. */
const PIECE = 320;

/** A ramp, so that every sample tells its own index. */
const ramp = (first: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, n) => (first + n) / 1e6);

/**
 * Plays `seconds` of pieces of 20 ms, of which the k-th comes `lateness(k)` seconds after its last sample was taken.
 * @param speed of the sound card's clock, against that of the source
 */
function play(seconds: number, lateness: (piece: number) => number, speed = 1) {
  const ring = new JitterRing(RATE, RATE);
  const heard: Float32Array[] = [];
  let piece = 0;
  let longestWait = 0;
  for (let n = 0; (n * QUANTUM) / RATE < seconds; n++) {
    const now = (n * QUANTUM) / RATE / speed;
    while (((piece + 1) * PIECE) / RATE + lateness(piece) <= now) {
      for (const stream of [0, 1] as const)
        ring.write(stream, piece * PIECE, ramp(piece * PIECE, PIECE), now);
      piece++;
    }
    const out = new Float32Array(QUANTUM);
    ring.read(out);
    heard.push(out);
    longestWait = Math.max(longestWait, ring.waitingSeconds);
  }
  return { ring, longestWait, heard: Float32Array.from(heard.flatMap((out) => [...out])) };
}

describe('JitterRing', () => {
  it('plays what came, in its order, without a gap', () => {
    const { ring, heard } = play(5, () => 0.01);
    expect([ring.underruns, ring.skippedSamples]).toEqual([0, 0]);
    const sounding = heard.subarray(heard.findIndex((x) => x > 0));
    expect(sounding.length).toBeGreaterThan(4.8 * RATE);
    for (let n = 1; n < sounding.length; n++) expect(sounding[n]).toBeGreaterThan(sounding[n - 1]);
  });

  it('never runs dry where samples come late by less than it waits', () => {
    // Of the 60 ms that wait when a piece has come, 20 are the piece itself, and 8 go to the sound card at once.
    const most = 0.03;
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: most, noNaN: true }), { minLength: 50 }), (lateness) => {
        let last = 0;
        // A piece cannot overtake another one.
        const arrivals = Array.from({ length: 400 }, (_, k) => {
          const at = Math.max(last, k * 0.02 + lateness[k % lateness.length]);
          last = at;
          return at - k * 0.02;
        });
        expect(play(6, (piece) => arrivals[piece] ?? 0).ring.underruns).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('waits for more where samples come later, after one underrun at most, and for 250 ms at most', () => {
    const { ring, longestWait } = play(20, (piece) => (piece % 50 === 49 ? 0.12 : 0));
    expect(ring.underruns).toBeLessThanOrEqual(1);
    expect(ring.targetSeconds).toBeGreaterThan(0.12);
    expect(longestWait).toBeLessThanOrEqual(0.25);
  });

  it('waits for less again when samples come in time', () => {
    const { ring } = play(90, (piece) => (piece === 100 ? 0.15 : 0));
    expect(ring.targetSeconds).toBeLessThan(0.07);
    expect(ring.waitingSeconds).toBeLessThan(0.12);
  });

  it.each([0.999, 1.001])('follows a clock that runs %f times as fast', (speed) => {
    const { ring } = play(120, () => 0, speed);
    expect([ring.underruns, ring.skippedSamples]).toEqual([0, 0]);
    expect(Math.abs(ring.waitingSeconds - ring.targetSeconds)).toBeLessThan(0.06);
  });

  it('takes up a stall by a little more speed, without leaving anything out', () => {
    // 0.3 s of silence from the server, and then all of it at once.
    const { ring } = play(40, (piece) => (piece >= 100 && piece < 115 ? 0.02 * (115 - piece) : 0));
    expect(ring.skippedSamples).toBe(0);
    expect(ring.underruns).toBe(1);
    expect(ring.waitingSeconds).toBeLessThan(0.25);
  });

  it('begins anew with another timeline, and skips what is far too much', () => {
    const ring = new JitterRing(RATE, RATE);
    const out = new Float32Array(QUANTUM);
    // The first second tells where it begins, the second one is played from, the third one is too much.
    for (let second = 0; second < 3; second++) {
      for (const stream of [0, 1] as const)
        ring.write(stream, 10_000_000 + second * RATE, ramp(second * RATE, RATE), second);
      ring.read(out);
    }
    expect(ring.skippedSamples).toBeGreaterThan(0);
    for (const stream of [0, 1] as const) ring.write(stream, 0, ramp(0, RATE), 0);
    ring.read(out);
    expect(out[QUANTUM - 1]).toBeLessThan(1);
  });

  it('goes from one stream to the other without a click', () => {
    const ring = new JitterRing(RATE, RATE);
    ring.targetSeconds = 0.2;
    ring.write(0, 0, new Float32Array(RATE).fill(0.5), 0);
    ring.write(1, 0, new Float32Array(RATE).fill(0.1), 0);
    const out = new Float32Array(QUANTUM);
    for (let n = 0; n < 4; n++) ring.read(out);
    ring.heard = 0;
    let last = out[QUANTUM - 1];
    for (let n = 0; n < 20; n++) {
      ring.read(out);
      for (const value of out) {
        expect(Math.abs(value - last)).toBeLessThan(0.01);
        last = value;
      }
    }
    expect(last).toBeCloseTo(0.5, 2);
  });
});
