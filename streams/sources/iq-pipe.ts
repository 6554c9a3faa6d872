import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { InputError } from '../../src/errors.js';
import { type Clock, systemClock, type Timer } from '../clock.js';
import { ChunkSource, type ChunkSourceOptions } from './chunk-source.js';
import type { IqChunk } from './iq-chunk.js';
import { factsFromName } from './iq-file-name.js';
import { checkRate, decodeFrames, FRAME_BYTES, type IqEncoding } from './iq-layout.js';
import type { Pace } from './pacer.js';

export interface IqPipeOptions extends ChunkSourceOptions {
  /** Complex samples a second, Hz; needed unless the name tells. */
  sampleRate?: number;
  /** Centre frequency, Hz; default what the name tells, else 0. */
  centreHz?: number;
  /** How samples are stored; default what the name tells, else `cu8`, as `rtl_sdr` writes them. */
  encoding?: IqEncoding;
  /** `realtime`, the default: a radio is behind it. `fast`: the writer waits for the reader, and nothing is ever dropped. */
  pace?: Pace;
  clock?: Clock;
}

/**
 * What may come at once, seconds of signal; what is beyond that is held back at the pipe. `rtl_sdr` writes 131 072 samples at
 * a time: 128 ms of 1.024 MS/s pass, of the half second of 250 kS/s the rest is ready when the next comes. A denoiser takes
 * more than 0.25 s at once for its being late.
 */
const BURST_SECONDS = 0.2;
/** So much faster than its rate a pipe may run on: more than crystals differ, so that no radio is ever held back. */
const FASTER = 1.001;
/** At the start, when a model has yet to warm up, the burst is granted little by little over so long, seconds. */
const START_SECONDS = 3;
/** Pieces in which samples are handed on, seconds. */
const PIECE_SECONDS = 0.02;

/** Complex baseband out of a pipe, as `rtl_sdr -f 145M -` writes it: a live source, unless told that it can wait. */
export class IqPipeSource extends ChunkSource<IqChunk> {
  readonly kind = 'iq';
  readonly live: boolean;
  readonly sampleRate: number;
  readonly centreHz: number;
  readonly encoding: IqEncoding;
  private readonly clock: Clock;
  private rest: Buffer = Buffer.alloc(0);
  private started = false;
  private goOn: (() => void) | undefined;
  private wake: (() => void) | undefined;
  private timer: Timer | undefined;
  /** Seconds of signal that may pass at once, and when that was known. */
  private allowed = 0;
  private allowedMs = 0;
  private startMs = 0;

  /**
   * @param bytes the pipe; destroyed with the source
   * @param name what it is called in errors; the name of a named pipe may tell rate, frequency and encoding like a file's
   * @throws InputError when rate or encoding stay unknown
   */
  constructor(
    private readonly bytes: Readable,
    private readonly name: string,
    options: IqPipeOptions = {},
  ) {
    super(options);
    const facts = factsFromName(name);
    if (/^\.(wav|wave|rf64|sigmf.*)$/i.test(extname(name)))
      throw new InputError(
        'E_IQ_FORMAT_UNKNOWN',
        `${name} is a pipe, from which only plain samples are read.`,
        {
          hint: 'Write cu8, cs8, cs16 or cf32 into it, without a header.',
        },
      );
    this.sampleRate = checkRate(options.sampleRate ?? facts.sampleRate, name);
    this.centreHz = options.centreHz ?? facts.centreHz ?? 0;
    this.encoding = options.encoding ?? facts.encoding ?? 'cu8';
    this.live = options.pace !== 'fast';
    this.clock = options.clock ?? systemClock;
  }

  protected override onWanted(): void {
    if (!this.started) {
      this.started = true;
      this.stats.state = 'running';
      this.startMs = this.clock.now();
      this.allowedMs = this.startMs;
      this.play().catch((error: unknown) => {
        // Closing the pipe under its reader is how it is left.
        if (!this.destroyed) this.fail(error, `Reading ${this.name}`);
      });
    }
    this.goOn?.();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.timer?.cancel();
    this.wake?.();
    this.goOn?.();
    this.bytes.destroy();
    if (this.stats.state !== 'failed') this.stats.state = 'ended';
    done(error);
  }

  private async play(): Promise<void> {
    const frame = FRAME_BYTES[this.encoding];
    const piece = frame * Math.max(1, Math.round(PIECE_SECONDS * this.sampleRate));
    for await (const bytes of this.bytes as AsyncIterable<Buffer>) {
      const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
      const whole = all.length - (all.length % frame);
      for (let from = 0; from < whole; from += piece) {
        const samples = all.subarray(from, Math.min(whole, from + piece));
        await this.hand(samples, samples.length / frame);
        if (this.destroyed) return;
      }
      this.rest = all.subarray(whole);
    }
    if (this.nextSample === 0n) throw new InputError('E_EMPTY', `${this.name} ended without a sample.`);
    if (this.rest.length > 0)
      this.notify({
        kind: 'warning',
        message: `${this.name} ended in the middle of a sample; its last ${this.rest.length} bytes are left out.`,
      });
    this.finish();
  }

  private async hand(bytes: Buffer, count: number): Promise<void> {
    if (this.live) await this.due(count / this.sampleRate);
    if (this.destroyed) return;
    // In memory of their own: the pipe's is used again, and may begin where no number of four bytes can.
    const own = Buffer.from(new ArrayBuffer(bytes.length));
    bytes.copy(own);
    const { sampleRate, centreHz } = this;
    const isWanted = this.offer({ ...decodeFrames(own, this.encoding), sampleRate, centreHz });
    if (isWanted || this.live) return;
    await new Promise<void>((resolve) => {
      this.goOn = resolve;
    });
  }

  /** Resolves when so many seconds of signal may pass. */
  private async due(seconds: number): Promise<void> {
    const now = this.clock.now();
    const starting = now - this.startMs < 1000 * START_SECONDS;
    const speed = FASTER + (starting ? BURST_SECONDS / START_SECONDS : 0);
    const sinceSeconds = (speed * (now - this.allowedMs)) / 1000;
    this.allowed = Math.min(BURST_SECONDS, this.allowed + sinceSeconds) - seconds;
    this.allowedMs = now;
    if (this.allowed >= 0) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.timer = this.clock.after((-1000 * this.allowed) / speed, resolve);
    });
  }
}
