import type { SignalState } from '../src/audio/chunk.js';

/** A number of samples in a row with one state of the squelch; `state` is that at their end. */
export interface Stretch {
  count: number;
  state: SignalState;
}

interface Mark {
  at: number;
  state: SignalState;
}

const isSameSquelch = (a: SignalState, b: SignalState): boolean =>
  a.squelchOpen === b.squelchOpen && a.squelchClosing === b.squelchClosing;

/** What a chunk says about its signal. */
export function signalOf({ squelchOpen, squelchClosing, snrDb, carrierDb }: SignalState): SignalState {
  return {
    ...(squelchOpen !== undefined && { squelchOpen }),
    ...(squelchClosing !== undefined && { squelchClosing }),
    ...(snrDb !== undefined && { snrDb }),
    ...(carrierDb !== undefined && { carrierDb }),
  };
}

/** Keeps the {@link SignalState} of samples that are on their way through a stage with a delay, in step with them. */
export class SignalTrack {
  #state: SignalState = {};
  readonly #marks: Mark[] = [];
  /** Where the newest state of the squelch begins. */
  #squelchSince = 0;

  /** The newest state. */
  get newest(): SignalState {
    return this.#marks.at(-1)?.state ?? this.#state;
  }

  /** From sample `at` on, `state` holds; calls come in the order of `at`. */
  note(at: number, state: SignalState): void {
    const last = this.#marks.at(-1);
    if (!isSameSquelch(this.newest, state)) this.#squelchSince = at;
    if (last?.at === at) last.state = state;
    else this.#marks.push({ at, state });
  }

  /**
   * Marks the last `count` samples before `end` as `squelchClosing`, back to where the squelch opened or to `start` at
   * most. Call it before the shut state is noted at `end`.
   */
  noteClosing(end: number, count: number, start: number): void {
    const from = Math.max(end - count, start, this.#squelchSince);
    if (from >= end) return;
    let before = this.#state;
    let index = this.#marks.length;
    while (index > 0 && this.#marks[index - 1].at >= from) index--;
    if (index > 0) before = this.#marks[index - 1].state;
    if (this.#marks[index]?.at !== from) this.#marks.splice(index, 0, { at: from, state: before });
    for (const mark of this.#marks.slice(index)) mark.state = { ...mark.state, squelchClosing: true };
  }

  /** The states of the samples `from` … `to` − 1, split where the squelch changes; what lies before `to` is forgotten. */
  take(from: number, to: number): Stretch[] {
    const stretches: Stretch[] = [];
    let start = from;
    while (this.#marks.length > 0 && this.#marks[0].at < to) {
      const { at, state } = this.#marks.shift()!;
      if (at > start && !isSameSquelch(state, this.#state)) {
        stretches.push({ count: at - start, state: this.#state });
        start = at;
      }
      this.#state = state;
    }
    if (to > start) stretches.push({ count: to - start, state: this.#state });
    return stretches;
  }

  clear(): void {
    this.#state = {};
    this.#marks.length = 0;
    this.#squelchSince = 0;
  }
}

/** Adds a stretch to those before it; where the squelch did not change they become one. */
export function appendStretch(stretches: Stretch[], { count, state }: Stretch): void {
  const last = stretches.at(-1);
  if (last === undefined || !isSameSquelch(last.state, state)) stretches.push({ count, state });
  else {
    last.count += count;
    last.state = state;
  }
}

/** The stretches of the first `count` samples. */
export function cutStretches(stretches: readonly Stretch[], count: number): Stretch[] {
  const cut: Stretch[] = [];
  let left = count;
  for (const stretch of stretches) {
    if (left <= 0) break;
    cut.push({ ...stretch, count: Math.min(left, stretch.count) });
    left -= stretch.count;
  }
  return cut;
}
