import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODES } from '../../../streams/radio/modes.js';
import type { ReceivedAudio } from '../../../streams/radio/received-audio.js';
import { Receiver } from '../../../streams/radio/receiver.js';

const RATE = 250_000;

/** A carrier that wanders and whose amplitude changes, in noise; any mode finds something in it. */
function recording(samples: number): Uint8Array {
  const bytes = new Uint8Array(2 * samples);
  let seed = 7;
  let phase = 0;
  for (let n = 0; n < samples; n++) {
    phase += 2 * Math.PI * (0.1 + 0.01 * Math.sin(n / 40) + 0.003);
    const amplitude = 60 + 30 * Math.sin(n / 60);
    for (const [k, part] of [Math.cos(phase), Math.sin(phase)].entries()) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      bytes[2 * n + k] = Math.round(127.4 + amplitude * part + (seed >> 16) / 4096 - 4);
    }
  }
  return bytes;
}

const IQ = recording(25_000);

function receiverFor(mode: (typeof MODES)[number]): Receiver {
  return new Receiver({
    inputRate: RATE,
    centreHz: 100e6,
    tuneHz: 100.025e6,
    mode,
    agc: 'fast',
    squelch: { kind: 'noise', thresholdDb: 3 },
  });
}

/** For every sample of audio, whether the squelch is open. */
function openOf({ stretches }: ReceivedAudio): boolean[] {
  return stretches.flatMap(({ count, state }) => new Array<boolean>(count).fill(state.squelchOpen!));
}

describe.each(MODES)('a %s receiver', (mode) => {
  const first = receiverFor(mode).process(IQ);
  const whole = first.audio.slice();
  const squelch = openOf(first);

  it('gives the same sound for every split of the samples', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: IQ.length / 2 }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        const receiver = receiverFor(mode);
        const edges = [0, ...places.sort((a, b) => a - b), IQ.length / 2];
        const parts: number[] = [];
        const open: boolean[] = [];
        for (let k = 1; k < edges.length; k++) {
          const received = receiver.process(IQ.subarray(2 * edges[k - 1], 2 * edges[k]));
          parts.push(...received.audio);
          open.push(...openOf(received));
        }
        expect(open).toEqual(squelch);
        expect(Buffer.from(Float32Array.from(parts).buffer).equals(Buffer.from(whole.buffer))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('starts again after a reset as it did at first, and so does its clone', () => {
    const receiver = receiverFor(mode);
    receiver.process(IQ.subarray(0, 31_416));
    receiver.reset();
    expect(receiver.process(IQ).audio).toEqual(whole);
    expect(receiver.clone().process(IQ).audio).toEqual(whole);
  });

  it('makes as much sound as the time that came in, plus its latency when flushed', () => {
    const receiver = receiverFor(mode);
    const expected = Math.ceil(((IQ.length / 2) * 48_000) / RATE);
    const during = receiver.process(IQ).audio.length;
    // Sound comes in steps of what the audio filter's first step gives, at least 4 000 times a second.
    expect(Math.abs(during - expected)).toBeLessThanOrEqual(12);
    expect(during + receiver.flush().audio.length).toBe(expected + receiver.latencySamples);
  });
});
