import libsamplerate from '@alexanderolsen/libsamplerate-js';

// The package is CommonJS whose named exports Node cannot see.
const { ConverterType, create } = libsamplerate;

/** Samples handed over at a time: the library's buffer holds 4 MB of input and of output. */
const PIECE = 1 << 16;

/**
 * A whole mono recording at another rate (libsamplerate, best sinc converter), its first sample where it was.
 *
 * @param from Hz @param to Hz; at most a factor of 256 apart
 */
export async function resampleMono(samples: Float32Array, from: number, to: number): Promise<Float32Array> {
  if (from === to) return samples;
  const converter = await create(1, from, to, { converterType: ConverterType.SRC_SINC_BEST_QUALITY });
  try {
    const result = new Float32Array(Math.round((samples.length * to) / from));
    const silence = new Float32Array(4096);
    let filled = 0;
    const push = (piece: Float32Array) => {
      const out = converter.full(piece);
      const count = Math.min(out.length, result.length - filled);
      result.set(out.subarray(0, count), filled);
      filled += count;
    };
    for (let i = 0; i < samples.length; i += PIECE) push(samples.subarray(i, i + PIECE));
    // The converter holds back half its filter; silence pushes the tail out.
    for (let i = 0; filled < result.length && i < 64; i++) push(silence);
    return result;
  } finally {
    converter.destroy();
  }
}
