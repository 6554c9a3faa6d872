/** Rows that a fresh arena has; it doubles when they are all taken. */
const FIRST_ROWS = 4;

/**
 * The states of all streams of a thread in one array, a row each: opening a stream is taking a row, closing it giving the
 * row back, and nothing is allocated in between.
 */
export class StateArena {
  #values: Float32Array;
  readonly #free: number[] = [];
  #taken = 0;

  /** @param width numbers in the state of one stream */
  constructor(readonly width: number) {
    this.#values = new Float32Array(FIRST_ROWS * width);
  }

  /** Takes a row of zeros. */
  take(): number {
    const row = this.#free.pop() ?? this.#taken++;
    if (this.#taken * this.width > this.#values.length) {
      const larger = new Float32Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.row(row).fill(0);
    return row;
  }

  /** Gives a row back; it must not be used any more. */
  give(row: number): void {
    this.#free.push(row);
  }

  /** The numbers of a row, for now: {@link take} may move them. */
  row(row: number): Float32Array {
    return this.#values.subarray(row * this.width, (row + 1) * this.width);
  }
}
