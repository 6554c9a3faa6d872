/** Samples in the order they came: pushed in chunks of any size, taken in others. Memory follows the most that ever waited. */
export class SampleQueue {
  #samples = new Float32Array(1024);
  #start = 0;
  #end = 0;

  /** How many samples wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds samples at the end; they are copied. */
  push(samples: Float32Array): void {
    if (this.#end + samples.length > this.#samples.length) this.#makeRoom(samples.length);
    this.#samples.set(samples, this.#end);
    this.#end += samples.length;
  }

  /** The sample that was pushed `index` places after the oldest one that waits. */
  at(index: number): number {
    return this.#samples[this.#start + index]!;
  }

  /**
   * Some of the oldest samples, without taking them; valid until samples are pushed.
   * @param count How many at most.
   * @param from How many older ones to leave out, default 0.
   */
  peek(count: number, from = 0): Float32Array {
    const start = Math.min(this.#end, this.#start + from);
    return this.#samples.subarray(start, Math.min(this.#end, start + count));
  }

  /** Takes the oldest samples: `[min(count, length)]`, a copy. */
  take(count: number): Float32Array {
    const taken = this.peek(count).slice();
    this.drop(count);
    return taken;
  }

  /** Takes the oldest samples away unseen. */
  drop(count: number): void {
    this.#start = Math.min(this.#end, this.#start + count);
  }

  /** Takes everything away. */
  clear(): void {
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(more: number): void {
    const waiting = this.length;
    const needed = waiting + more;
    // Twice what is needed: moving the rest to the front then costs less than one copy per sample.
    const target = needed * 2 > this.#samples.length ? new Float32Array(needed * 2) : this.#samples;
    target.set(this.#samples.subarray(this.#start, this.#end));
    this.#samples = target;
    this.#start = 0;
    this.#end = waiting;
  }
}
