import { type BitReader, BrokenFrame } from './bit-reader.js';

/** The residual of each fixed predictor, as weights of the samples before it (RFC 9639, section 9.2.5). */
export const FIXED_PREDICTORS: readonly (readonly number[])[] = [
  [],
  [1],
  [2, -1],
  [3, -3, 1],
  [4, -6, 4, -1],
];

const weights = new Float64Array(32);

/**
 * Decodes one channel of a frame (RFC 9639, section 9.2). Doubles hold every sum exactly: the side channel of 32-bit
 * stereo has 33 bits, times weights of 15, times 32 of them, is 2⁵¹ at most.
 *
 * @param bits positioned at the subframe.
 * @param out `[blockSize]` and more.
 * @param width bits per sample, 4 to 33.
 * @throws BrokenFrame where these are no subframe.
 */
export function decodeSubframe(bits: BitReader, out: Float64Array, blockSize: number, width: number): void {
  if (bits.read(1) !== 0) throw new BrokenFrame();
  const kind = bits.read(6);
  const wasted = bits.read(1) === 1 ? bits.readUnary() + 1 : 0;
  const coded = width - wasted;
  if (coded < 1) throw new BrokenFrame();
  if (kind === 0) out.fill(bits.readSigned(coded), 0, blockSize);
  else if (kind === 1) readPlain(bits, out, blockSize, coded);
  else if (kind >= 8 && kind <= 12) decodePredicted(bits, out, blockSize, coded, kind - 8, false);
  else if (kind >= 32) decodePredicted(bits, out, blockSize, coded, kind - 31, true);
  else throw new BrokenFrame();
  if (wasted > 0) {
    const factor = 2 ** wasted;
    for (let i = 0; i < blockSize; i++) out[i] *= factor;
  }
}

function readPlain(bits: BitReader, out: Float64Array, count: number, width: number): void {
  for (let i = 0; i < count; i++) out[i] = bits.readSigned(width);
}

/** Samples given as the residual of a prediction from the `order` samples before. */
function decodePredicted(
  bits: BitReader,
  out: Float64Array,
  blockSize: number,
  width: number,
  order: number,
  isLinear: boolean,
): void {
  if (order > blockSize) throw new BrokenFrame();
  readPlain(bits, out, order, width);
  let shift = 0;
  if (isLinear) shift = readCoefficients(bits, order);
  else weights.set(FIXED_PREDICTORS[order]);
  readResidual(bits, out, order, blockSize);
  addPrediction(out, order, blockSize, shift);
}

/** Reads the coefficients of a linear prediction into `weights`. @returns by how many bits its sum is shifted down */
function readCoefficients(bits: BitReader, order: number): number {
  const precision = bits.read(4) + 1;
  const shift = bits.readSigned(5);
  if (precision === 16 || shift < 0) throw new BrokenFrame();
  for (let i = 0; i < order; i++) weights[i] = bits.readSigned(precision);
  return shift;
}

/** Turns the residual in `out` into samples, from `order` on. */
function addPrediction(out: Float64Array, order: number, blockSize: number, shift: number): void {
  if (order === 0) return;
  const scale = 2 ** -shift;
  for (let i = order; i < blockSize; i++) {
    let sum = 0;
    for (let j = 0; j < order; j++) sum += weights[j] * out[i - 1 - j];
    out[i] += Math.floor(sum * scale);
  }
}

/** The residual behind `order` samples, into `out` (RFC 9639, section 9.2.7). */
function readResidual(bits: BitReader, out: Float64Array, order: number, blockSize: number): void {
  const method = bits.read(2);
  if (method > 1) throw new BrokenFrame();
  const parameterBits = 4 + method;
  const escaped = 2 ** parameterBits - 1;
  const partitionOrder = bits.read(4);
  const size = blockSize >> partitionOrder;
  if (size << partitionOrder !== blockSize || size < order) throw new BrokenFrame();
  for (let from = order, to = size; to <= blockSize; from = to, to += size) {
    const parameter = bits.read(parameterBits);
    if (parameter !== escaped) bits.readRice(out, from, to, parameter);
    else {
      const width = bits.read(5);
      if (width === 0) out.fill(0, from, to);
      else for (let i = from; i < to; i++) out[i] = bits.readSigned(width);
    }
  }
}
