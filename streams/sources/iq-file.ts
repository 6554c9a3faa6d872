import { type FileHandle, open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { InputError, toDenoiseError } from '../../src/errors.js';
import { type Clock, systemClock } from '../clock.js';
import { ChunkSource, type ChunkSourceOptions } from './chunk-source.js';
import type { IqChunk } from './iq-chunk.js';
import { factsFromName } from './iq-file-name.js';
import { checkRate, decodeFrames, FRAME_BYTES, type IqEncoding, type IqLayout } from './iq-layout.js';
import { wavIqLayout } from './iq-wav.js';
import { type Pace, Pacer } from './pacer.js';
import { sigmfLayout } from './sigmf.js';

export interface IqFileOptions extends ChunkSourceOptions {
  /** Default `fast`. */
  pace?: Pace;
  /** Starts again at the end, without end; the seam is marked as a break. Default false. */
  loop?: boolean;
  /** Complex samples a second, Hz, where name and header do not tell, or are wrong. */
  sampleRate?: number;
  /** Centre frequency, Hz; default what name or header tell, else 0. */
  centreHz?: number;
  /** How samples are stored, where the name does not tell. */
  encoding?: IqEncoding;
  /** Complex samples a chunk; default a fiftieth of a second, at most 65 536. */
  chunkSamples?: number;
  clock?: Clock;
}

/**
 * Finds out where the samples of a recording lie and what they are: SigMF and WAV by their headers, the rest by name
 * (see {@link factsFromName}); `options` win over both.
 *
 * @throws InputError when the file is missing, or rate or encoding stay unknown.
 */
async function iqLayout(path: string, options: IqFileOptions = {}): Promise<IqLayout> {
  const facts = factsFromName(path);
  const extension = extname(path).toLowerCase();
  const info = await stat(path);
  if (info.isDirectory()) throw Object.assign(new Error('folder'), { code: 'EISDIR', path });
  if (!info.isFile())
    throw new InputError('E_NOT_A_FILE', `${path} is a pipe or a device, not a recording.`, {
      hint: 'Radio samples are read from files, from a dongle (rtlsdr), and from rtl_tcp://HOST:PORT.',
    });
  let layout: IqLayout;
  if (extension === '.sigmf')
    throw new InputError('E_SIGMF', `${path} is a SigMF archive, which is not read.`, {
      hint: 'Unpack it with tar, and give the .sigmf-meta file.',
    });
  if (extension === '.sigmf-meta' || extension === '.sigmf-data')
    layout = await sigmfLayout(path, options.sampleRate);
  else if (['.wav', '.rf64', '.wave'].includes(extension))
    layout = await wavIqLayout(path, options.sampleRate);
  else {
    const encoding = options.encoding ?? facts.encoding;
    if (encoding === undefined)
      throw new InputError(
        'E_IQ_FORMAT_UNKNOWN',
        `The name of ${path} does not tell how its samples are stored.`,
        {
          hint: 'Name it .cu8, .cs8, .cs16, .cf32, .wav or .sigmf-data.',
        },
      );
    const odd = info.size % FRAME_BYTES[encoding];
    layout = {
      path,
      encoding,
      sampleRate: checkRate(options.sampleRate ?? facts.sampleRate, path),
      centres: [{ firstSample: 0, hz: 0 }],
      segments: async function* () {
        yield { offset: 0, bytes: info.size };
      },
      warnings:
        odd === 0 ? [] : [`${path} ends in the middle of a sample; its last ${odd} bytes are left out.`],
    };
  }
  const named = layout.centres.every(({ hz }) => hz === 0) ? facts.centreHz : undefined;
  const hz = options.centreHz ?? named;
  return {
    ...layout,
    sampleRate: checkRate(options.sampleRate ?? layout.sampleRate, path),
    ...(hz === undefined ? {} : { centres: [{ firstSample: 0, hz }] }),
  };
}

/** A recording of complex baseband, played as fast as it is read or in real time, once or in a loop. */
export class IqFileSource extends ChunkSource<IqChunk> {
  readonly kind = 'iq';
  readonly live = false;
  private readonly chunkSamples: number;
  private readonly pacer: Pacer;
  private readonly abort = new AbortController();
  private goOn: (() => void) | undefined;
  private started = false;
  /** Which of the layout's centre frequencies holds. */
  private centre = 0;

  private constructor(
    readonly layout: IqLayout,
    private readonly file: FileHandle,
    private readonly options: IqFileOptions,
  ) {
    super(options);
    const { sampleRate } = layout;
    this.chunkSamples = options.chunkSamples ?? Math.max(1, Math.min(65_536, Math.round(sampleRate / 50)));
    this.pacer = new Pacer(sampleRate, options.pace ?? 'fast', options.clock ?? systemClock);
  }

  /**
   * Opens a recording.
   *
   * @throws InputError when it cannot be read, is no IQ recording, or holds not one sample.
   */
  static async open(path: string, options: IqFileOptions = {}): Promise<IqFileSource> {
    try {
      const layout = await iqLayout(path, options);
      let bytes = 0;
      for await (const segment of layout.segments()) {
        bytes += segment.bytes;
        if (bytes >= FRAME_BYTES[layout.encoding]) break;
      }
      if (bytes < FRAME_BYTES[layout.encoding])
        throw new InputError('E_EMPTY', `${layout.path} holds no samples.`);
      return new IqFileSource(layout, await open(layout.path, 'r'), options);
    } catch (error) {
      throw toDenoiseError(error, `Opening ${path}`);
    }
  }

  get sampleRate(): number {
    return this.layout.sampleRate;
  }

  /** Centre frequency at the start, Hz; chunks carry the one that holds for them. */
  get centreHz(): number {
    return this.layout.centres[0]?.hz ?? 0;
  }

  protected override onWanted(): void {
    if (!this.started) {
      this.started = true;
      this.stats.state = 'running';
      for (const message of this.layout.warnings) this.notify({ kind: 'warning', message });
      this.play().catch((error: unknown) => this.fail(error, `Reading ${this.layout.path}`));
    }
    this.goOn?.();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.abort.abort();
    this.pacer.stop();
    this.goOn?.();
    if (this.stats.state !== 'failed') this.stats.state = 'ended';
    this.file.close().then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    );
  }

  private async play(): Promise<void> {
    do {
      let index = 0;
      this.centre = 0;
      for await (const { offset, bytes } of this.layout.segments()) {
        const frames = Math.floor(bytes / FRAME_BYTES[this.layout.encoding]);
        for (let done = 0; done < frames; ) {
          const wanted = Math.min(frames - done, this.untilRetuned(index));
          const read = await this.playChunk(offset, done, wanted);
          if (this.abort.signal.aborted) return;
          if (read === 0) break;
          done += read;
          index += read;
        }
      }
      if (index === 0) break;
      if (this.options.loop) this.markBreak('the recording starts again');
    } while (this.options.loop);
    this.finish();
  }

  /** Reads, paces and offers up to one chunk of `frames`, `done` frames into a segment; returns how many it was. */
  private async playChunk(offset: number, done: number, frames: number): Promise<number> {
    const { encoding, sampleRate } = this.layout;
    const frame = FRAME_BYTES[encoding];
    const bytes = Buffer.from(new ArrayBuffer(Math.min(frames, this.chunkSamples) * frame));
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, offset + done * frame);
    const count = Math.floor(bytesRead / frame);
    if (count === 0) return 0;
    await this.pacer.due(count);
    if (this.abort.signal.aborted) return 0;
    const decoded = decodeFrames(bytes.subarray(0, count * frame), encoding);
    if (!this.offer({ ...decoded, sampleRate, centreHz: this.layout.centres[this.centre]?.hz ?? 0 }))
      await new Promise<void>((resolve) => {
        this.goOn = resolve;
      });
    return count;
  }

  /** Samples from `index` on, which only rises, until the centre frequency changes; notes the one that holds there. */
  private untilRetuned(index: number): number {
    const { centres } = this.layout;
    while ((centres[this.centre + 1]?.firstSample ?? Number.POSITIVE_INFINITY) <= index) this.centre++;
    const next = centres[this.centre + 1];
    return next === undefined ? Number.POSITIVE_INFINITY : next.firstSample - index;
  }
}
