/**
 * WAV files made by hand, so that what the program reads and writes is checked against something that is not its own
 * code. Layout: Multimedia Programming Interface and Data Specifications 1.0.
 */

export type StoredFormat = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64';

const BYTES: Record<StoredFormat, number> = { u8: 1, s16: 2, s24: 3, s32: 4, f32: 4, f64: 8 };

export interface WavOptions {
  sampleRate?: number;
  format?: StoredFormat;
  /** Chunks between `fmt ` and `data`, as `[id, bytes]`. */
  chunks?: [string, Uint8Array][];
  /** Fields of the header to lie about. */
  lie?: { channels?: number; sampleRate?: number; dataBytes?: number };
}

/** A WAV file of `channels` (`[channels][time]`, full scale ±1); default 16 kHz, 16 bit. */
export function wavBytes(channels: readonly ArrayLike<number>[], options: WavOptions = {}): Buffer {
  const { sampleRate = 16_000, format = 's16', chunks = [], lie = {} } = options;
  const size = BYTES[format];
  const data = Buffer.alloc(channels.length * (channels[0]?.length ?? 0) * size);
  for (let c = 0; c < channels.length; c++) {
    for (let n = 0; n < channels[c].length; n++) {
      putSample(data, (n * channels.length + c) * size, format, channels[c][n]);
    }
  }
  const fmt = Buffer.alloc(16);
  fmt.writeUInt16LE(format.startsWith('f') ? 3 : 1, 0);
  fmt.writeUInt16LE(lie.channels ?? channels.length, 2);
  fmt.writeUInt32LE(lie.sampleRate ?? sampleRate, 4);
  fmt.writeUInt32LE((lie.sampleRate ?? sampleRate) * channels.length * size, 8);
  fmt.writeUInt16LE(channels.length * size, 12);
  fmt.writeUInt16LE(size * 8, 14);
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', fmt),
    ...chunks.map(([id, bytes]) => chunk(id, bytes)),
    chunk('data', data, lie.dataBytes),
  ]);
  return chunk('RIFF', body, lie.dataBytes === undefined ? undefined : lie.dataBytes + 36);
}

function chunk(id: string, bytes: Uint8Array, claimed = bytes.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 0, 'latin1');
  header.writeUInt32LE(claimed, 4);
  return Buffer.concat([header, bytes, Buffer.alloc(bytes.length % 2)]);
}

function putSample(data: Buffer, at: number, format: StoredFormat, value: number): void {
  const code = (bits: number) =>
    Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, Math.round(value * 2 ** (bits - 1))));
  if (format === 'u8') data.writeUInt8(code(8) + 128, at);
  else if (format === 's16') data.writeInt16LE(code(16), at);
  else if (format === 's24') data.writeIntLE(code(24), at, 3);
  else if (format === 's32') data.writeInt32LE(code(32), at);
  else if (format === 'f32') data.writeFloatLE(value, at);
  else data.writeDoubleLE(value, at);
}

/** What a WAV file holds. */
export interface WavContent {
  formatTag: number;
  channels: number;
  sampleRate: number;
  bits: number;
  /** `[channels][time]`, full scale ±1. */
  samples: number[][];
  /** Bytes of the data chunk. */
  data: Buffer;
  /** Names of all chunks, in order. */
  ids: string[];
}

/** Reads a well-formed WAV file, EXTENSIBLE included. */
export function parseWav(bytes: Buffer): WavContent {
  const ids: string[] = [];
  let fmt: Buffer = Buffer.alloc(0);
  let data: Buffer = Buffer.alloc(0);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    // A pipe cannot be wound back: its header may claim more than follows.
    const size = Math.min(bytes.readUInt32LE(at + 4), bytes.length - at - 8);
    ids.push(id);
    if (id === 'fmt ') fmt = bytes.subarray(at + 8, at + 8 + size);
    if (id === 'data') data = bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  const tag = fmt.readUInt16LE(0);
  const formatTag = tag === 0xfffe ? fmt.readUInt16LE(24) : tag;
  const channels = fmt.readUInt16LE(2);
  const bits = fmt.readUInt16LE(14);
  const frames = Math.floor(data.length / (channels * (bits / 8)));
  const samples = Array.from({ length: channels }, (_, c) =>
    Array.from({ length: frames }, (_, n) =>
      getSample(data, (n * channels + c) * (bits / 8), bits, formatTag),
    ),
  );
  return { formatTag, channels, sampleRate: fmt.readUInt32LE(4), bits, samples, data, ids };
}

function getSample(data: Buffer, at: number, bits: number, formatTag: number): number {
  if (formatTag === 3) return bits === 32 ? data.readFloatLE(at) : data.readDoubleLE(at);
  if (bits === 8) return (data.readUInt8(at) - 128) / 128;
  return data.readIntLE(at, bits / 8) / 2 ** (bits - 1);
}
