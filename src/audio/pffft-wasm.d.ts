// The package ships no types; ./fft.ts states the part of the module that it uses.
declare module '@echogarden/pffft-wasm/simd' {
  export default function createPffft<T>(): Promise<T>;
}
