import { type AudioFormat, BYTES_PER_SAMPLE } from './format.js';
import type { Samples } from './planar-blocks.js';

/** Planar samples at full scale ±1. Float64 keeps 32-bit integers and doubles exactly; Float32 keeps up to 24 bits and floats. */
export type Planar = readonly Samples[];

/** Largest positive code of an integer format with `bits` bits; full scale is this plus one. */
function fullScale(bits: number): number {
  return 2 ** (bits - 1);
}

function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Interleaved bytes → planar samples. Integers are divided by 2^(bits−1), so that the smallest code is −1.0 exactly
 * and the way back is exact.
 *
 * @param bytes interleaved frames, at least `frames · channels · bytesPerSample` bytes
 * @param format of `bytes`; `sampleRate` is not used
 * @param out one array per channel; written from `offset`
 * @param frames how many frames to convert
 */
export function decodePcm(
  bytes: Uint8Array,
  format: Pick<AudioFormat, 'channels' | 'sampleFormat'>,
  out: Planar,
  frames: number,
  offset = 0,
): void {
  const { channels, sampleFormat } = format;
  const view = dataView(bytes);
  const size = BYTES_PER_SAMPLE[sampleFormat];
  const step = size * channels;
  for (let c = 0; c < channels; c++) {
    const target = out[c];
    let at = c * size;
    const end = offset + frames;
    switch (sampleFormat) {
      case 'u8':
        for (let i = offset; i < end; i++, at += step) target[i] = (bytes[at] - 128) / 128;
        break;
      case 's8':
        for (let i = offset; i < end; i++, at += step) target[i] = view.getInt8(at) / 128;
        break;
      case 's16':
        for (let i = offset; i < end; i++, at += step) target[i] = view.getInt16(at, true) / 0x8000;
        break;
      case 's24':
        for (let i = offset; i < end; i++, at += step) {
          target[i] = (bytes[at] | (bytes[at + 1] << 8) | (view.getInt8(at + 2) << 16)) / 0x800000;
        }
        break;
      case 's32':
        for (let i = offset; i < end; i++, at += step) target[i] = view.getInt32(at, true) / 0x80000000;
        break;
      case 'f32':
        for (let i = offset; i < end; i++, at += step) target[i] = view.getFloat32(at, true);
        break;
      case 'f64':
        for (let i = offset; i < end; i++, at += step) target[i] = view.getFloat64(at, true);
        break;
    }
  }
}

/**
 * Planar samples → interleaved bytes, rounded to the nearest code without dither; the inverse of {@link decodePcm}.
 * Integer formats clip at full scale; +1.0 itself, one code beyond the largest, is stored as the largest and not
 * counted, because it is what a full-scale 32-bit integer becomes in single precision.
 *
 * @param out at least `frames · channels · bytesPerSample` bytes
 * @returns how many samples had to be clipped (always 0 for float formats); NaN becomes 0 in integer formats
 */
export function encodePcm(
  samples: Planar,
  format: Pick<AudioFormat, 'channels' | 'sampleFormat' | 'validBits'>,
  out: Uint8Array,
  frames: number,
  offset = 0,
): number {
  const { channels, sampleFormat } = format;
  const view = dataView(out);
  const size = BYTES_PER_SAMPLE[sampleFormat];
  const step = size * channels;
  if (sampleFormat === 'f32' || sampleFormat === 'f64') {
    for (let c = 0; c < channels; c++) {
      const source = samples[c];
      let at = c * size;
      for (let i = offset; i < offset + frames; i++, at += step) {
        if (size === 4) view.setFloat32(at, source[i], true);
        else view.setFloat64(at, source[i], true);
      }
    }
    return 0;
  }
  const bits = format.validBits ?? size * 8;
  const scale = fullScale(bits);
  // A container wider than its valid bits is left-justified (Multichannel Audio Data and WAVE Files, Microsoft).
  const shift = 2 ** (size * 8 - bits);
  let clipped = 0;
  for (let c = 0; c < channels; c++) {
    const source = samples[c];
    let at = c * size;
    for (let i = offset; i < offset + frames; i++, at += step) {
      let code = Math.round(source[i] * scale);
      if (code >= scale) {
        if (source[i] > 1) clipped++;
        code = scale - 1;
      } else if (code < -scale) {
        clipped++;
        code = -scale;
      }
      code *= shift;
      switch (size) {
        case 1:
          out[at] = sampleFormat === 'u8' ? code + 128 : code;
          break;
        case 2:
          view.setInt16(at, code, true);
          break;
        case 3:
          view.setInt16(at, code, true);
          out[at + 2] = code >> 16;
          break;
        default:
          view.setInt32(at, code, true);
      }
    }
  }
  return clipped;
}
