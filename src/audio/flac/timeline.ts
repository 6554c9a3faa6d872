import type { AudioWarning } from '../format.js';
import type { FrameHeader } from './frame-header.js';
import type { Found } from './frame-stream.js';
import type { FlacStreamInfo } from './stream-info.js';

/** Samples that a byte of FLAC can stand for: the smallest frame, of silence, has 10 bytes for 65 536 of them. */
const SAMPLES_PER_BYTE = 8192;

/** Where the frames of a stream lie in time, and how long the gaps are that damaged ones leave. Unit: samples per channel. */
export class Timeline {
  private position = 0;
  /** Where the stream starts by its own numbers: not 0 for what was received from the middle of a transmission. */
  private origin = 0;
  /** Whether the numbers of the frames still mean what they should. */
  private trusted = true;
  private started = false;
  private readonly lost = { samples: 0, frames: 0, first: 0 };
  private junkBytes = 0;
  private readonly total: number;
  /** Whether frames differ in length by what STREAMINFO says. */
  private readonly variable: boolean;
  /** Samples of every frame but the last, where all are the same. */
  private readonly blockSize: number;

  /** @param firstBlock samples of the first frame */
  constructor(
    private readonly sampleRate: number,
    info: FlacStreamInfo | undefined,
    firstBlock: number,
  ) {
    this.total = info?.frames ?? Infinity;
    this.variable = info !== undefined && info.shortestBlock !== info.longestBlock;
    this.blockSize = Math.max(firstBlock, this.variable ? 0 : (info?.longestBlock ?? 0));
  }

  /** Whether every sample came. */
  get whole(): boolean {
    return this.lost.samples === 0 && (this.total === Infinity || this.position >= this.total);
  }

  /**
   * Samples that are missing before a frame.
   *
   * @param found what was passed over on the way to it
   * @param bytesRead of the whole stream so far: no more than they can stand for is believed to be missing
   */
  gapBefore(header: FrameHeader, found: Found, bytesRead: number): number {
    const start = this.startOf(header);
    const declared = this.total !== Infinity && start + header.blockSize <= this.total;
    if (!this.started && !declared) this.origin = start;
    this.started = true;
    const gap = start - this.origin - this.position;
    if (this.trusted && gap > 0 && this.position + gap <= SAMPLES_PER_BYTE * bytesRead) {
      return this.lose(gap, found);
    }
    if (gap !== 0) this.trusted = false;
    this.junkBytes += found.skipped;
    return 0;
  }

  /** Samples that are missing behind the last whole frame: in frames of which the header is left, or the very last one. */
  gapAtEnd(found: Found): number {
    if (found.skipped === 0 || !this.trusted || !this.started) return 0;
    const most = Math.min(this.total, this.position + SAMPLES_PER_BYTE * found.skipped);
    let end = this.position;
    for (const header of found.broken) {
      const mayEnd = this.startOf(header) - this.origin + header.blockSize;
      if (mayEnd <= most) end = Math.max(end, mayEnd);
    }
    if (this.total - this.position <= this.blockSize) end = this.total;
    const gap = end - this.position;
    return gap > 0 ? this.lose(gap, found) : 0;
  }

  /** A frame was taken. */
  advance(samples: number): void {
    this.position += samples;
  }

  /** Warnings for the end. @param trailing bytes behind the last frame that are no tags */
  warnings(trailing: number): AudioWarning[] {
    const { lost, total, position, junkBytes } = this;
    const warnings: AudioWarning[] = [];
    const warn = (code: string, message: string) => warnings.push({ code, message });
    if (lost.samples > 0) {
      const frames = lost.frames === 1 ? 'A damaged FLAC frame' : `${lost.frames} damaged FLAC frames`;
      const length = `${lost.samples} samples, the first at ${(lost.first / this.sampleRate).toFixed(3)} s`;
      warn('W_DAMAGED', `${frames} (${length}) became silence of the same length.`);
    }
    if (junkBytes > 0)
      warn('W_DAMAGED', `${junkBytes} bytes between FLAC frames were no audio and were left out.`);
    if (total !== Infinity && position < total) {
      warn('W_TRUNCATED', `The FLAC stream ends after ${position} of the ${total} frames it declares.`);
    }
    if (total !== Infinity && position > total) {
      warn(
        'W_HEADER',
        `The FLAC header says ${total} frames, but there are ${position}, and all were taken.`,
      );
    }
    if (trailing > 0) warn('W_TRAILING_BYTES', `${trailing} bytes behind the last FLAC frame were left out.`);
    return warnings;
  }

  /**
   * The number of a frame's first sample. Encoders before 2007 numbered samples in streams of changing block size without
   * saying so in the frames; libFLAC tells these by STREAMINFO as well.
   */
  private startOf({ variable, number }: FrameHeader): number {
    return variable || this.variable ? number : number * this.blockSize;
  }

  private lose(samples: number, found: Found): number {
    const { lost } = this;
    if (lost.samples === 0) lost.first = this.position;
    lost.samples += samples;
    lost.frames += this.variable ? Math.max(1, found.broken.length) : Math.ceil(samples / this.blockSize);
    this.position += samples;
    return samples;
  }
}
