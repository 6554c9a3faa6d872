import { Duplex, type TransformCallback } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { StagePerRate } from '../../../streams/live/stage-per-rate.js';
import { Tap } from '../../../streams/live/tap.js';
import { turns } from '../../support/until.js';

const chunk = (sampleRate: number, firstSample: number): AudioChunk => ({
  samples: [Float32Array.of(firstSample)],
  sampleRate,
  firstSample: BigInt(firstSample),
});

/** Keeps every chunk until the next one comes, or the end. */
class Late extends Duplex {
  #kept: AudioChunk | undefined;
  constructor() {
    super({ objectMode: true });
  }
  override _read(): void {}
  override _write(next: AudioChunk, _encoding: string, done: TransformCallback): void {
    if (this.#kept !== undefined) this.push(this.#kept);
    this.#kept = next;
    done();
  }
  override _final(done: TransformCallback): void {
    if (this.#kept !== undefined) this.push(this.#kept);
    this.push(null);
    done();
  }
}

describe('StagePerRate', () => {
  it('lets each stage end before the next one begins: nothing is lost, the order stays', async () => {
    const built: number[] = [];
    const stage = new StagePerRate((rate) => {
      built.push(rate);
      return new Late();
    }, 16_000);
    const out: AudioChunk[] = [];
    stage.on('data', (one: AudioChunk) => out.push(one));
    const rates = [16_000, 16_000, 48_000, 16_000, 16_000, 48_000];
    const chunks = rates.map(chunk);
    for (const one of chunks) stage.write(one);
    stage.end();
    await finished(stage);
    expect(out).toEqual(chunks);
    expect(built).toEqual([16_000, 48_000, 16_000, 48_000]);
  });

  it('holds the writer back when nobody reads', async () => {
    let passed = 0;
    const stage = new StagePerRate(() => new Tap(() => void passed++), 16_000);
    let n = 0;
    while (n < 1000 && stage.write(chunk(16_000, n++))) await turns(3);
    await turns(50);
    expect(passed).toBeLessThan(20);
    const out: AudioChunk[] = [];
    for await (const one of stage) {
      out.push(one as AudioChunk);
      if (out.length === n) stage.end();
    }
    expect(out.map(({ firstSample }) => Number(firstSample))).toEqual([...Array(n).keys()]);
  });

  it('fails with its stage', async () => {
    const stage = new StagePerRate(
      () =>
        new Tap(() => {
          throw new Error('broken');
        }),
      16_000,
    );
    const done = finished(stage.resume());
    stage.write(chunk(16_000, 0));
    await expect(done).rejects.toThrow('broken');
  });
});
