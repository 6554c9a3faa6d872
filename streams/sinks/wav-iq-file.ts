import { type FileHandle, open } from 'node:fs/promises';
import { type ByteTarget, fileTarget } from '../../src/files/byte-target.js';
import type { IqChunk, IqFormat } from '../sources/iq-chunk.js';

/** Format tag (1 PCM, 3 float) and bits of a sample. WAV has no signed bytes: they become 16 bits. */
const WAV_FORMAT: Readonly<Record<IqFormat, readonly [tag: number, bits: number]>> = {
  cu8: [1, 8],
  cs8: [1, 16],
  cs16: [1, 16],
  cf32: [3, 32],
};

const DS64_BYTES = 28;
/** Two times of 16 bytes, the centre frequency and what recorders put behind it; as SpectraVue's. */
const AUXI_BYTES = 64;
const HEADER_BYTES = 12 + 8 + DS64_BYTES + 8 + 16 + 8 + AUXI_BYTES + 8;
/** Sizes from here on do not fit into RIFF: the file becomes RF64 (EBU Tech 3306). */
const MOST_RIFF = 0xffffffff;

/**
 * A WAV file whose channels are I and Q, with time and centre frequency in an `auxi` chunk, as HDSDR, SDR# and SDRuno write
 * them. It is valid at every moment, whatever ends the process.
 */
export class WavIqFile {
  #bytes = 0;
  #header: Buffer | undefined;
  readonly #target: ByteTarget;

  private constructor(private readonly file: FileHandle) {
    this.#target = fileTarget(file);
  }

  /** @param flags `wx` for a new file, `w` to replace one. @throws what the system says */
  static async open(path: string, flags: 'w' | 'wx'): Promise<WavIqFile> {
    return new WavIqFile(await open(path, flags));
  }

  /** All chunks have the centre frequency, rate and format of the first. */
  async write(chunk: IqChunk): Promise<void> {
    const { samples, format } = chunk;
    if (this.#header === undefined) {
      this.#header = headerOf(chunk);
      await this.#target.write(this.#header);
    }
    const stored = format === 'cs8' ? Int16Array.from(samples, (value) => 256 * value) : samples;
    await this.#target.write(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
    this.#bytes += stored.byteLength;
    await this.#describe(this.#header);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  async #describe(header: Buffer): Promise<void> {
    const riffBytes = HEADER_BYTES - 8 + this.#bytes;
    const isLong = riffBytes >= MOST_RIFF;
    header.write(isLong ? 'RF64' : 'RIFF', 0, 'latin1');
    header.writeUInt32LE(isLong ? MOST_RIFF : riffBytes, 4);
    header.write(isLong ? 'ds64' : 'JUNK', 12, 'latin1');
    header.writeBigUInt64LE(BigInt(riffBytes), 20);
    header.writeBigUInt64LE(BigInt(this.#bytes), 28);
    header.writeUInt32LE(isLong ? MOST_RIFF : this.#bytes, HEADER_BYTES - 4);
    await this.#target.patch!(0, header);
  }
}

function headerOf({ format, sampleRate, centreHz }: IqChunk): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const [tag, bits] = WAV_FORMAT[format];
  const frame = (2 * bits) / 8;
  header.write('WAVE', 8, 'latin1');
  header.writeUInt32LE(DS64_BYTES, 16);
  let at = 20 + DS64_BYTES;
  header.write('fmt ', at, 'latin1');
  header.writeUInt32LE(16, at + 4);
  header.writeUInt16LE(tag, at + 8);
  header.writeUInt16LE(2, at + 10);
  header.writeUInt32LE(sampleRate, at + 12);
  header.writeUInt32LE(sampleRate * frame, at + 16);
  header.writeUInt16LE(frame, at + 20);
  header.writeUInt16LE(bits, at + 22);
  at += 24;
  header.write('auxi', at, 'latin1');
  header.writeUInt32LE(AUXI_BYTES, at + 4);
  writeSystemTime(header, at + 8, new Date());
  // 32 bits hold 4.29 GHz; what is higher has only its file's name.
  header.writeUInt32LE(Math.min(Math.max(Math.round(centreHz), 0), MOST_RIFF), at + 40);
  header.write('data', HEADER_BYTES - 8, 'latin1');
  return header;
}

/** Windows' SYSTEMTIME in UTC: year, month, weekday, day, hour, minute, second, millisecond. */
function writeSystemTime(buffer: Buffer, at: number, time: Date): void {
  const fields = [
    ...[time.getUTCFullYear(), time.getUTCMonth() + 1, time.getUTCDay(), time.getUTCDate()],
    ...[time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds(), time.getUTCMilliseconds()],
  ];
  for (const [n, value] of fields.entries()) buffer.writeUInt16LE(value, at + 2 * n);
}
