import { InputError } from '../../errors.js';
import type { Samples } from '../planar-blocks.js';
import type { SampleCodec } from './sample-codec.js';

/** Step sizes and the change of their index by code, of IMA ADPCM (IMA Digital Audio Focus Group, 1992). */
const IMA_STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818,
  18_500, 20_350, 22_385, 24_623, 27_086, 29_794, 32_767,
];
const IMA_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8];

/** Scale of the step by code, and weights of the two samples before, of Microsoft ADPCM (Microsoft, New Multimedia Data Types). */
const MS_SCALES = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
const MS_WEIGHTS: readonly (readonly [number, number])[] = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
];

const FULL_SCALE = 2 ** 15;
const clamp = (value: number): number => Math.max(-32_768, Math.min(32_767, value));

/** The state of one channel of IMA ADPCM. */
class ImaChannel {
  value = 0;
  index = 0;

  start(value: number, index: number): void {
    this.value = value;
    this.index = Math.max(0, Math.min(88, index));
  }

  /** The next sample, from a code of four bits. */
  next(code: number): number {
    const step = IMA_STEPS[this.index];
    let change = step >> 3;
    if (code & 4) change += step;
    if (code & 2) change += step >> 1;
    if (code & 1) change += step >> 2;
    this.value = clamp(this.value + (code & 8 ? -change : change));
    this.index = Math.max(0, Math.min(88, this.index + IMA_CHANGES[code & 7]));
    return this.value / FULL_SCALE;
  }
}

/** IMA ADPCM of WAV: a head of 4 bytes per channel, then words of 8 samples of each channel in turn. @param blockBytes of `fmt ` */
export function imaWavCodec(channels: number, blockBytes: number): SampleCodec {
  const words = Math.floor((blockBytes - 4 * channels) / (4 * channels));
  if (words < 0) throw badBlocks(blockBytes);
  const blockFrames = 1 + 8 * words;
  const state = new ImaChannel();
  return {
    blockBytes,
    blockFrames,
    decode(bytes, out, count) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let block = 0; block < count; block++) {
        for (let c = 0; c < channels; c++) {
          const head = block * blockBytes + 4 * c;
          state.start(view.getInt16(head, true), bytes[head + 2]);
          let to = block * blockFrames;
          out[c][to++] = state.value / FULL_SCALE;
          for (let word = 0; word < words; word++) {
            const at = block * blockBytes + 4 * (channels * (word + 1) + c);
            for (let i = 0; i < 4; i++) {
              out[c][to++] = state.next(bytes[at + i] & 15);
              out[c][to++] = state.next(bytes[at + i] >> 4);
            }
          }
        }
      }
    },
  };
}

/** IMA ADPCM of QuickTime, AIFF-C and CAF: 34 bytes for 64 samples of each channel in turn. */
export function imaQuickTimeCodec(channels: number): SampleCodec {
  const [packetBytes, blockFrames] = [34, 64];
  const states = Array.from({ length: channels }, () => new ImaChannel());
  return {
    blockBytes: packetBytes * channels,
    blockFrames,
    decode(bytes, out, count) {
      for (let packet = 0; packet < count * channels; packet++) {
        const c = packet % channels;
        const at = packet * packetBytes;
        const head = (bytes[at] << 8) | bytes[at + 1];
        // The head has the upper nine bits of the predictor and the index.
        const value = ((head & 0xff80) << 16) >> 16;
        const state = states[c];
        if (Math.abs(value - state.value) > 0x7f || (head & 0x7f) !== state.index)
          state.start(value, head & 0x7f);
        let to = Math.floor(packet / channels) * blockFrames;
        for (let i = 2; i < packetBytes; i++) {
          out[c][to++] = state.next(bytes[at + i] & 15);
          out[c][to++] = state.next(bytes[at + i] >> 4);
        }
      }
    },
  };
}

/**
 * Microsoft ADPCM of WAV.
 *
 * @param blockBytes of `fmt `
 * @param weights of the file, where it has its own
 */
export function microsoftCodec(
  channels: number,
  blockBytes: number,
  weights: readonly (readonly [number, number])[] = MS_WEIGHTS,
): SampleCodec {
  const headBytes = 7 * channels;
  if (blockBytes < headBytes || channels > 2) throw badBlocks(blockBytes);
  const blockFrames = 2 + Math.floor((2 * (blockBytes - headBytes)) / channels);
  const decodeChannel = (bytes: Uint8Array, start: number, c: number, out: Samples, to: number) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [first, second] = weights[bytes[start + c]] ?? [0, 0];
    let step = view.getInt16(start + channels + 2 * c, true);
    let one = view.getInt16(start + 3 * channels + 2 * c, true);
    let two = view.getInt16(start + 5 * channels + 2 * c, true);
    out[to] = two / FULL_SCALE;
    out[to + 1] = one / FULL_SCALE;
    for (let i = 2; i < blockFrames; i++) {
      const nibble = (i - 2) * channels + c;
      const byte = bytes[start + headBytes + (nibble >> 1)];
      const code = nibble % 2 === 0 ? byte >> 4 : byte & 15;
      const predicted = (one * first + two * second) >> 8;
      two = one;
      one = clamp(predicted + (code >= 8 ? code - 16 : code) * step);
      step = Math.max(16, (MS_SCALES[code] * step) >> 8);
      out[to + i] = one / FULL_SCALE;
    }
  };
  return {
    blockBytes,
    blockFrames,
    decode(bytes, out, count) {
      for (let block = 0; block < count; block++) {
        for (let c = 0; c < channels; c++) {
          decodeChannel(bytes, block * blockBytes, c, out[c], block * blockFrames);
        }
      }
    },
  };
}

function badBlocks(bytes: number): InputError {
  return new InputError('E_CORRUPT', `The header says ADPCM in blocks of ${bytes} bytes, which cannot be.`);
}
