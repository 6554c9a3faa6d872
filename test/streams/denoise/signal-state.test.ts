import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignalState } from '../../../src/audio/chunk.js';
import { chunk, end, ones, stage } from '../../support/denoise-stage.js';
import { HalvingDenoiser } from '../../support/live-denoisers.js';
import { turns } from '../../support/until.js';

const LATENCY = 300;

interface Run {
  length: number;
  open: boolean;
  gapBefore: boolean;
}

/** What must come out for every sample: its own state, and the mark of the last ones before the squelch shuts. */
function expected(runs: Run[]): string[] {
  const out: string[] = [];
  let openFrom = 0;
  runs.forEach(({ length, open, gapBefore }, k) => {
    if (gapBefore || (open && !(runs[k - 1]?.open ?? false))) openFrom = out.length;
    if (!open && !gapBefore && runs[k - 1]?.open)
      for (let n = Math.max(openFrom, out.length - LATENCY); n < out.length; n++) out[n] = 'closing';
    for (let n = 0; n < length; n++) out.push(open ? 'open' : 'shut');
  });
  return out;
}

const nameOf = ({ squelchOpen, squelchClosing }: SignalState) =>
  squelchClosing ? 'closing' : squelchOpen ? 'open' : 'shut';

describe('Denoise, on the state of the squelch', () => {
  it('keeps it in step with the samples, and marks what it knows to be noise before the squelch shuts', async () => {
    const run = fc.record({
      length: fc.integer({ min: 1, max: 900 }),
      open: fc.boolean(),
      gapBefore: fc.integer({ max: 5, min: 0 }).map((n) => n === 0),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 50, max: 2000 }),
        fc.boolean(),
        async (runs, most, realtime) => {
          const { stream, chunks } = stage(new HalvingDenoiser(1, LATENCY), { realtime });
          let at = 0;
          for (const { length, open, gapBefore } of runs) {
            if (gapBefore) at += 10;
            for (let done = 0; done < length; done += most) {
              const count = Math.min(most, length - done);
              stream.write(chunk(ones(count), at, { squelchOpen: open }));
              at += count;
              await turns(2);
            }
          }
          await end(stream);
          const states = chunks.flatMap((one) => new Array<string>(one.samples[0].length).fill(nameOf(one)));
          expect(states).toEqual(expected(runs));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('passes signal-to-noise ratio and level on, and adds nothing where there is no radio', async () => {
    const { stream, chunks } = stage(new HalvingDenoiser(1, LATENCY));
    stream.write(chunk(ones(1000), 0, { squelchOpen: true, snrDb: 11, carrierDb: -40 }));
    stream.write(chunk(ones(1000), 1000, { squelchOpen: true, snrDb: 12, carrierDb: -41 }));
    await end(stream);
    expect(chunks.at(-1)).toMatchObject({ snrDb: 12, carrierDb: -41 });
    const plain = stage(new HalvingDenoiser(1, LATENCY));
    plain.stream.write(chunk(ones(1000), 0));
    await end(plain.stream);
    expect(Object.keys(plain.chunks[0]).sort()).toEqual(['firstSample', 'sampleRate', 'samples']);
  });
});
