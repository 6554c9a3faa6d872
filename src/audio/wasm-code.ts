/**
 * The few pieces of WebAssembly that the inner loops of filters are put together from.
 * Encoding: WebAssembly Core Specification 2.0, chapter 5; vectors: its SIMD instructions, in every Node since 16.4.
 */

export const V128 = 0x7b;
export const I32 = 0x7f;
const F32 = 0x7d;
const VECTOR_MUL = [0xfd, 0xe6, 0x01] as const;
const VECTOR_ADD = [0xfd, 0xe4, 0x01] as const;
/** Opens a block that begins again; {@link loopWhileBelow} ends it. */
export const LOOP = [0x03, 0x40] as const;
const SCALAR_ADD = 0x92;
const PAGE_BYTES = 65_536;

export const get = (local: number): number[] => [0x20, local];
export const set = (local: number): number[] => [0x21, local];
/** Adds fewer than 64 bytes to an address. */
export const addTo = (local: number, bytes: number): number[] => [
  ...get(local),
  ...[0x41, bytes, 0x6a],
  ...set(local),
];
export const addLocal = (local: number, other: number): number[] => [
  ...get(local),
  ...get(other),
  0x6a,
  ...set(local),
];
/** Four floats at an address. */
const load = (local: number, offset: number): number[] => [...get(local), 0xfd, 0x00, 0, offset];
export const clear = (vector: number): number[] => [0xfd, 0x0c, ...new Array(16).fill(0), ...set(vector)];
/** Adds the product of the four floats at each of two addresses to a vector. */
export const accumulate = (sum: number, a: number, b: number, offset: number): number[] => [
  ...get(sum),
  ...load(a, offset),
  ...load(b, offset),
  ...VECTOR_MUL,
  ...VECTOR_ADD,
  ...set(sum),
];
/** The sum of what is in two vectors, a scalar; `spare` is overwritten. */
export const sumOf = (a: number, b: number, spare: number): number[] => {
  const lane = (index: number): number[] => [...get(spare), 0xfd, 0x1f, index];
  const total = [...get(a), ...get(b), ...VECTOR_ADD, ...set(spare)];
  return [...total, ...lane(0), ...lane(1), SCALAR_ADD, ...lane(2), SCALAR_ADD, ...lane(3), SCALAR_ADD];
};
/** Begins the {@link LOOP} again while `local` < `end`. */
export const loopWhileBelow = (local: number, end: number): number[] => [
  ...get(local),
  ...get(end),
  ...[0x49, 0x0d, 0, 0x0b],
];

const sized = (bytes: readonly number[]): number[] => [...leb128(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];

/** Unsigned LEB128, as WebAssembly writes its sizes. */
function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...leb128(Math.floor(value / 128))];
}

export interface WasmFunction {
  /** How many i32 it takes; they are the first locals. */
  parameters: number;
  /** Whether it gives an f32, or nothing. */
  gives: 'f32' | 'nothing';
  /** Further locals, `[count, type]` each. */
  locals: readonly (readonly [count: number, type: number])[];
  body: readonly number[];
}

/** A module that exports the function as `f`, and takes its memory as `m.m`. */
export function compileFunction({ parameters, gives, locals, body }: WasmFunction): WebAssembly.Module {
  const results = gives === 'f32' ? [1, F32] : [0];
  const type = [1, 0x60, parameters, ...new Array(parameters).fill(I32), ...results];
  const code = [locals.length, ...locals.flat(), ...body, 0x0b];
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, type),
      // import "m" "m", at least one page.
      ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]),
      ...section(3, [1, 0]),
      ...section(7, [1, 1, 0x66, 0, 0]),
      ...section(10, [1, ...sized(code)]),
    ]),
  );
}

/** The function of such a module on a memory of its own, for so many floats. */
export function instantiate<F>(module: WebAssembly.Module, floats: number): { memory: Float32Array; run: F } {
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil((4 * floats) / PAGE_BYTES)) });
  const { exports } = new WebAssembly.Instance(module, { m: { m: memory } });
  return { memory: new Float32Array(memory.buffer), run: exports.f as F };
}
