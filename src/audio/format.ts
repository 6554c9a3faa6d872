/** How one sample is stored; integers are little-endian, `u8` is the offset-binary byte of WAV. */
export type SampleFormat = 'u8' | 's8' | 's16' | 's24' | 's32' | 'f32' | 'f64';

/** Bytes that one sample of each format takes. */
export const BYTES_PER_SAMPLE: Readonly<Record<SampleFormat, number>> = {
  u8: 1,
  s8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
};

/** Everything needed to interpret a block of interleaved samples. */
export interface AudioFormat {
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Number of channels, 1 to {@link MAX_CHANNELS}. */
  channels: number;
  sampleFormat: SampleFormat;
  /** Bits of an integer container that carry signal, from the top; the rest are zero. Default: all of them. */
  validBits?: number;
}

/** A format of integers in the narrowest container that holds them. @param bits per sample, 1 to 32 */
export function integerFormat(sampleRate: number, channels: number, bits: number): AudioFormat {
  const bytes = Math.ceil(bits / 8);
  return {
    sampleRate,
    channels,
    sampleFormat: (['u8', 's16', 's24', 's32'] as const)[bytes - 1],
    ...(8 * bytes === bits ? {} : { validBits: bits }),
  };
}

/** More channels than any real recording has (64-channel ambisonics, 128-channel consoles); beyond it a header is corrupt. */
export const MAX_CHANNELS = 256;

/** Sample rates accepted, Hz: from telemetry loggers to raw recordings of wide-band radio. */
export const SAMPLE_RATE_RANGE = { min: 100, max: 20_000_000 } as const;

/** Frames in a block of audio that the readers emit, at most: 85 ms at 192 kHz. */
const BLOCK_FRAMES = 16_384;

/** Samples in a block over all channels, at most: bounds memory for files of many channels. */
export const BLOCK_SAMPLES = 65_536;

/** Frames per block for `channels` channels. */
export function blockFrames(channels: number): number {
  return Math.max(1, Math.min(BLOCK_FRAMES, Math.floor(BLOCK_SAMPLES / channels)));
}

/** Something odd about an input that did not stop it from being read. */
export interface AudioWarning {
  /** Stable code, `W_…`. */
  code: string;
  /** One sentence. */
  message: string;
}
