/** What the four bytes at the start of a frame of MPEG audio say (ISO 11172-3, section 2.4.2.3; ISO 13818-3). */
export interface MpegHeader {
  /** Hz. */
  sampleRate: number;
  channels: number;
  /** 1, 2 or 3. */
  layer: number;
  /** Samples per channel. */
  samples: number;
  /** Bytes of the frame. */
  bytes: number;
  /** Bytes from the header to where a Xing tag stands, in Layer III. */
  tagAt: number;
}

const RATES = [44_100, 48_000, 32_000];

/** kbit/s by version (1, then 2 and 2.5), layer and code. */
const BIT_RATES = [
  [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ],
  [
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
];

/** Versions by their two bits: 2.5, reserved, 2, 1. */
const VERSIONS = [2.5, undefined, 2, 1];

/** @returns the header at `at`; `undefined` where there is none, or one of free bit rate */
export function parseMpegHeader(bytes: Uint8Array, at: number): MpegHeader | undefined {
  if (bytes[at] !== 0xff || at + 4 > bytes.length || (bytes[at + 1] & 0xe0) !== 0xe0) return undefined;
  const version = VERSIONS[(bytes[at + 1] >> 3) & 3];
  const layer = 4 - ((bytes[at + 1] >> 1) & 3);
  const bitRate = BIT_RATES[version === 1 ? 0 : 1][layer - 1]?.[(bytes[at + 2] >> 4) - 1];
  const base = RATES[(bytes[at + 2] >> 2) & 3];
  if (version === undefined || bitRate === undefined || base === undefined) return undefined;
  const sampleRate = base / (version === 1 ? 1 : version === 2 ? 2 : 4);
  const padding = (bytes[at + 2] >> 1) & 1;
  const channels = bytes[at + 3] >> 6 === 3 ? 1 : 2;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 1 ? 576 : 1152;
  const length = (samples / 8) * ((1000 * bitRate) / sampleRate);
  const sideInfo = version === 1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return {
    sampleRate,
    channels,
    layer,
    samples,
    bytes: layer === 1 ? 4 * (Math.floor(length / 4) + padding) : Math.floor(length) + padding,
    tagAt: 4 + sideInfo,
  };
}

/** Where the first two frames that follow one another start in `bytes`; −1 where there are none. */
export function findMpegFrames(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const first = parseMpegHeader(bytes, at);
    if (first === undefined) continue;
    const second = parseMpegHeader(bytes, at + first.bytes);
    const alike = second?.sampleRate === first.sampleRate && second.layer === first.layer;
    // A file may have one frame only.
    if (alike || (at === 0 && at + first.bytes === bytes.length)) return at;
  }
  return -1;
}
