import {
  accumulate,
  addLocal,
  addTo,
  clear,
  compileFunction,
  get,
  I32,
  instantiate,
  LOOP,
  loopWhileBelow,
  set,
  sumOf,
  V128,
} from './wasm-code.js';

/** Products are made this many at a time. */
const STEP = 8;
const STORE = [0x38, 2, 0] as const;

type Filter = (
  i: number,
  q: number,
  taps: number,
  tapsEnd: number,
  outI: number,
  outQ: number,
  outEnd: number,
  step: number,
) => void;

let compiled: WebAssembly.Module | undefined;

/** `f(…)` with byte addresses: each output is a dot product of the taps with I, and one with Q, `step` bytes further on each time. */
function compile(): WebAssembly.Module {
  const [i, q, taps, tapsEnd, outI, outQ, outEnd, step] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [a, b, t, evenI, oddI, evenQ, oddQ] = [8, 9, 10, 11, 12, 13, 14];
  const body = [
    ...LOOP,
    ...[...get(i), ...set(a), ...get(q), ...set(b), ...get(taps), ...set(t)],
    ...[evenI, oddI, evenQ, oddQ].flatMap(clear),
    ...LOOP,
    ...accumulate(evenI, a, t, 0),
    ...accumulate(oddI, a, t, 16),
    ...accumulate(evenQ, b, t, 0),
    ...accumulate(oddQ, b, t, 16),
    ...[a, b, t].flatMap((local) => addTo(local, 4 * STEP)),
    ...loopWhileBelow(t, tapsEnd),
    ...[...get(outI), ...sumOf(evenI, oddI, evenI), ...STORE],
    ...[...get(outQ), ...sumOf(evenQ, oddQ, evenQ), ...STORE],
    ...[i, q].flatMap((local) => addLocal(local, step)),
    ...[outI, outQ].flatMap((local) => addTo(local, 4)),
    ...loopWhileBelow(outI, outEnd),
  ];
  const locals = [
    [3, I32],
    [4, V128],
  ] as const;
  return compileFunction({ parameters: 8, gives: 'nothing', locals, body });
}

/** An FIR filter of real taps on planar complex samples, in single precision; it computes only the outputs that are kept. */
export class ComplexFir {
  /** `[inputs]` each: written by who filters. */
  readonly i: Float32Array;
  readonly q: Float32Array;
  /** `[outputs]` each: what {@link run} gives. */
  readonly outI: Float32Array;
  readonly outQ: Float32Array;
  readonly #run: Filter;
  readonly #length: number;

  /** @param taps as many as a multiple of 8 takes is best: they are filled up to one. */
  constructor(taps: Float64Array, inputs: number, outputs: number) {
    compiled ??= compile();
    this.#length = STEP * Math.ceil(taps.length / STEP);
    // The taps that fill up meet samples beyond the last one: those must be numbers, and lie in this memory.
    const floats = this.#length + 2 * (inputs + STEP) + 2 * outputs;
    const { memory, run } = instantiate<Filter>(compiled, floats);
    this.#run = run;
    memory.set(taps);
    const i = this.#length;
    const q = i + inputs + STEP;
    const out = q + inputs + STEP;
    this.i = memory.subarray(i, i + inputs);
    this.q = memory.subarray(q, q + inputs);
    this.outI = memory.subarray(out, out + outputs);
    this.outQ = memory.subarray(out + outputs, out + 2 * outputs);
  }

  /** Output n is Σ taps[k] · (i, q)[from + n · step + k], for `count` ≥ 1 outputs. */
  run(from: number, step: number, count: number): void {
    const { outI, outQ } = this;
    this.#run(
      this.i.byteOffset + 4 * from,
      this.q.byteOffset + 4 * from,
      0,
      4 * this.#length,
      outI.byteOffset,
      outQ.byteOffset,
      outI.byteOffset + 4 * count,
      4 * step,
    );
  }
}
