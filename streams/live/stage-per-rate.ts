import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';

/**
 * Runs a stage that works at one sample rate in a stream whose rate may change: what the old stage still holds comes out
 * first, then one for the new rate takes over.
 */
export class StagePerRate extends Duplex {
  #stage: Duplex;
  #ended: Promise<unknown>;

  /** @param build Makes the stage for a rate, Hz. @param sampleRate The rate to begin with, Hz. */
  constructor(
    private readonly build: (sampleRate: number) => Duplex,
    private sampleRate: number,
  ) {
    super({ objectMode: true, readableHighWaterMark: 4, writableHighWaterMark: 4 });
    [this.#stage, this.#ended] = this.#connect();
  }

  override _write(chunk: AudioChunk, _encoding: BufferEncoding, done: () => void): void {
    void this.#pass(chunk).then(done, (error: Error) => this.destroy(error));
  }

  override _final(done: () => void): void {
    this.#stage.end();
    void this.#ended.then(
      () => {
        this.push(null);
        done();
      },
      () => {},
    );
  }

  override _read(): void {
    this.#stage.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stage.destroy();
    done(error);
  }

  async #pass(chunk: AudioChunk): Promise<void> {
    if (chunk.sampleRate !== this.sampleRate) {
      this.#stage.end();
      await this.#ended;
      this.sampleRate = chunk.sampleRate;
      [this.#stage, this.#ended] = this.#connect();
    }
    if (!this.#stage.write(chunk)) await once(this.#stage, 'drain');
  }

  /** A new stage, and its end. */
  #connect(): [Duplex, Promise<unknown>] {
    const stage = this.build(this.sampleRate);
    stage.on('data', (chunk: AudioChunk) => {
      if (!this.push(chunk)) stage.pause();
    });
    stage.on('error', (error) => this.destroy(error));
    const ended = once(stage, 'end');
    ended.catch(() => {});
    return [stage, ended];
  }
}
