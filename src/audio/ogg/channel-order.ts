/**
 * Where each channel in the order of WAV and FLAC stands in that of Vorbis and Opus, by the number of channels: the latter
 * have the centre second and the low frequencies last (Vorbis I, section 4.3.9; RFC 7845, section 5.1.1.2).
 */
const ORDERS: Readonly<Record<number, readonly number[]>> = {
  3: [0, 2, 1],
  5: [0, 2, 1, 3, 4],
  6: [0, 2, 1, 5, 3, 4],
  7: [0, 2, 1, 6, 5, 3, 4],
  8: [0, 2, 1, 7, 5, 6, 3, 4],
};

/** The channels of a decoder of Vorbis or Opus in the order of WAV. */
export function inWavOrder<T>(channels: readonly T[]): T[] {
  const order = ORDERS[channels.length];
  return order === undefined ? [...channels] : order.map((from) => channels[from]);
}
