import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { SourceNotice } from '../../../streams/sources/chunk-source.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { type IqPipeOptions, IqPipeSource } from '../../../streams/sources/iq-pipe.js';
import { ManualClock } from '../../support/manual-clock.js';
import { turns, until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

const RAMP = Buffer.from(Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) & 255));
const RATE = { sampleRate: 250_000 };

function filled(bytes: Uint8Array = RAMP): PassThrough {
  const pipe = new PassThrough();
  pipe.end(bytes);
  return pipe;
}

for (const pace of ['fast', 'realtime'] as const)
  sourceConformance({
    name: `IQ pipe, ${pace}`,
    wanted: 10_000,
    open: async () => new IqPipeSource(filled(), 'stdin', { ...RATE, pace }),
  });

describe('IQ pipes', () => {
  it.each(['cu8', 'cs16', 'cf32'] as const)(
    'give every sample of %s, however the bytes are split, and tell of a rest',
    async (encoding) => {
      const frame = { cu8: 2, cs16: 4, cf32: 8 }[encoding];
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 20 }),
          async (pieces) => {
            const pipe = new PassThrough();
            const notices: SourceNotice[] = [];
            const source = new IqPipeSource(pipe, 'stdin', { ...RATE, encoding, pace: 'fast' });
            source.on('notice', (notice) => notices.push(notice));
            const total = pieces.reduce((sum, length) => sum + length, 0);
            const sent = Buffer.alloc(total, RAMP);
            let at = 0;
            for (const length of pieces) {
              pipe.write(sent.subarray(at, at + length));
              at += length;
            }
            pipe.end();
            const whole = total - (total % frame);
            if (whole === 0) return;
            const got: Buffer[] = [];
            for await (const { samples } of source as AsyncIterable<IqChunk>)
              got.push(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
            expect(Buffer.concat(got).equals(sent.subarray(0, whole))).toBe(true);
            expect(notices.map(({ kind }) => kind)).toEqual(total === whole ? [] : ['warning']);
          },
        ),
        { numRuns: 20 },
      );
    },
  );

  it('tell what they are by their names; what is asked for wins', () => {
    const facts = ({ sampleRate, centreHz, encoding }: IqPipeSource) => [sampleRate, centreHz, encoding];
    const open = (name: string, options: IqPipeOptions = {}) =>
      new IqPipeSource(new PassThrough(), name, options).on('error', () => {});
    expect(facts(open('/tmp/a_145.5M_250k.cs16'))).toEqual([250_000, 145_500_000, 'cs16']);
    expect(facts(open('stdin', RATE))).toEqual([250_000, 0, 'cu8']);
    expect(facts(open('a_145.5M_250k.cs16', { encoding: 'cf32', sampleRate: 1e6 }))).toEqual([
      1e6,
      145_500_000,
      'cf32',
    ]);
    expect(() => open('stdin')).toThrow(expect.objectContaining({ code: 'E_IQ_RATE_UNKNOWN' }));
    expect(() => open('a_100M_250k.wav')).toThrow(InputError);
  });

  it('that end without a sample are an error', async () => {
    const source = new IqPipeSource(filled(Buffer.from([1])), 'stdin', RATE);
    await expect(source.toArray()).rejects.toMatchObject({ code: 'E_EMPTY' });
  });

  it('hold back what comes faster than a radio could send, and lose nothing of it', async () => {
    const clock = new ManualClock();
    const sent = Buffer.alloc(2 * 250_000, RAMP);
    const source = new IqPipeSource(filled(sent), 'stdin', { ...RATE, clock });
    expect(source.live).toBe(true);
    source.resume();
    for (let ms = 0; ms < 700; ms += 10) {
      clock.advance(10);
      await turns(4);
    }
    expect(Number(source.stats.samples)).toBeGreaterThan(0.65 * 250_000);
    expect(Number(source.stats.samples)).toBeLessThanOrEqual(0.77 * 250_000);
    for (let ms = 0; ms < 400; ms += 10) {
      clock.advance(10);
      await turns(4);
    }
    await until(() => source.readableEnded);
    expect(source.stats).toMatchObject({ samples: 250_000n, lostSamples: 0n, state: 'ended' });
  });

  it('drop the oldest, counted, when nobody reads what comes at a radio’s pace', async () => {
    const clock = new ManualClock();
    const pipe = new PassThrough({ highWaterMark: 1e6 });
    const source = new IqPipeSource(pipe, 'stdin', { ...RATE, clock, maxQueueSeconds: 0.3 });
    source.once('readable', () => {});
    for (let n = 0; n < 40; n++) {
      pipe.write(Buffer.alloc(20_000, RAMP));
      clock.advance(40);
      await turns(4);
    }
    expect(source.stats.lostSamples).toBeGreaterThan(0n);
    expect(source.stats.queuedSamples).toBeLessThanOrEqual(0.3 * 250_000);
    source.destroy();
  });
});
