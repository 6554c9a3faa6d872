import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AudioChunk, SignalState } from '../../../src/audio/chunk.js';
import { Gate } from '../../../streams/live/gate.js';

const RATE = 16_000;
/** 4 ms. */
const FADE = 64;

async function gate(...pieces: [samples: number, state: SignalState][]): Promise<AudioChunk[]> {
  let firstSample = 0n;
  const chunks = pieces.map(([length, state]): AudioChunk => {
    const chunk = { samples: [new Float32Array(length).fill(0.5)], sampleRate: RATE, firstSample, ...state };
    firstSample += BigInt(length);
    return chunk;
  });
  return Readable.from(chunks).pipe(new Gate()).toArray();
}

const audio = (chunks: AudioChunk[]) => Float32Array.from(chunks.flatMap(({ samples }) => [...samples[0]]));

describe('Gate', () => {
  it('lets chunks pass as they are where the squelch is open, or where there is none', async () => {
    const out = await gate([100, {}], [100, { squelchOpen: true, snrDb: 12, carrierDb: -30 }]);
    expect(audio(out).every((x) => x === 0.5)).toBe(true);
    expect(out[1]).toMatchObject({ firstSample: 100n, squelchOpen: true, snrDb: 12, carrierDb: -30 });
  });

  it('is silent while the squelch is shut, from the first sample on, and keeps time and state', async () => {
    const out = await gate([100, { squelchOpen: false, snrDb: 1 }], [50, { squelchOpen: false }]);
    expect(audio(out)).toEqual(new Float32Array(150));
    expect(out[0]).toMatchObject({ firstSample: 0n, squelchOpen: false, snrDb: 1 });
  });

  it('opens and shuts in fades of 4 ms, however the samples are split', async () => {
    const open = { squelchOpen: true };
    const shut = { squelchOpen: false };
    const whole = audio(await gate([200, shut], [400, open], [300, shut]));
    const split = audio(await gate([200, shut], [17, open], [383, open], [5, shut], [295, shut]));
    expect(split).toEqual(whole);
    for (let n = 1; n < whole.length; n++)
      expect(Math.abs(whole[n] - whole[n - 1])).toBeLessThan(0.5 / FADE + 1e-6);
    expect(whole.slice(200 + FADE, 600).every((x) => x === 0.5)).toBe(true);
    expect(whole.slice(600 + FADE).every((x) => x === 0)).toBe(true);
  });

  it('silences the noise before the squelch shuts where it is marked', async () => {
    const out = await gate(
      [300, { squelchOpen: true }],
      [300, { squelchOpen: true, squelchClosing: true }],
      [300, { squelchOpen: false }],
    );
    expect(audio(out).slice(300 + FADE)).toEqual(new Float32Array(600 - FADE));
    expect(out[1]).toMatchObject({ squelchOpen: true, squelchClosing: true });
  });
});
