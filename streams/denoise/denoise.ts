import { Duplex } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { MusicGuard } from '../../src/engine/music-guard.js';
import { toDenoiseError } from '../../src/errors.js';
import { type Clock, systemClock } from '../clock.js';
import { checkFormat } from '../format-check.js';
import { DenoiserFeed, type FeedJob } from './feed.js';
import { JobTimes } from './job-times.js';
import { MixTimeline } from './mix-timeline.js';
import type { DenoiseStats, DenoiseStreamOptions } from './options.js';
import { OverloadGuard } from './overload.js';
import { DenoiserSlot } from './slot.js';

/** Length of fades between dry and wet, seconds. The two signals are much alike, so short fades do not click. */
const FADE_SECONDS = 0.002;
/** Longest tail marked `squelchClosing`, seconds: the shortest hang time of the squelch, so it never holds speech. */
const CLOSING_SECONDS = 0.05;
/** Most audio in one job, and before a source that can wait is held back, seconds. */
const BLOCK_SECONDS = 0.5;

/**
 * Denoises a stream of `AudioChunk`s: between demodulator (or audio source) and sink. The denoiser works in its own
 * thread. Audio for which it is too late passes through, cross-faded, with at most `maxLateSeconds` of extra delay; that is
 * counted, and reported by the event `overload` (`true` at the start, `false` at the end).
 *
 * Sample numbers and gaps go through unchanged. After a gap the denoiser is reset, and the audio fades in.
 */
export class Denoise extends Duplex {
  readonly stats: DenoiseStats = {
    samples: 0n,
    passedThroughSamples: 0n,
    overloads: 0,
    discontinuities: 0,
    lostSamples: 0n,
  };
  readonly times: JobTimes;
  /** By how many samples the output trails the input when the denoiser keeps up, a hop's filling not counted. */
  readonly latencySamples: number;
  strength: number;
  bypass: boolean;
  readonly #timeline: MixTimeline;
  readonly #guard: OverloadGuard;
  readonly #music: MusicGuard | undefined;
  readonly #clock: Clock;
  readonly #block: number;
  readonly #realtime: boolean;
  readonly #feed: DenoiserFeed;
  /** Index where the denoiser last resumed, and from which on its output is used after that. */
  #resumedAt = 0;
  #quietUntil = 0;
  #busy = false;
  #failed = false;
  #full = false;
  #held: (() => void) | undefined;
  #ended: (() => void) | undefined;

  constructor(private readonly options: DenoiseStreamOptions) {
    super({ objectMode: true, readableHighWaterMark: 16, writableHighWaterMark: 4 });
    const { sampleRate, channels, denoiser } = options;
    const fadeSamples = Math.round(FADE_SECONDS * sampleRate);
    this.latencySamples = denoiser.latencySamples + fadeSamples;
    this.strength = options.strength ?? 1;
    this.bypass = options.bypass ?? false;
    this.times = new JobTimes(options.hopSeconds ?? 0.016);
    const { music = 'auto' } = options;
    if (music !== 'off') this.#music = new MusicGuard(sampleRate, { musicExpected: music === 'on' });
    const onPair = (dry: readonly Float32Array[], wet: readonly Float32Array[]) =>
      this.#music?.ease(dry, wet);
    const closingSamples = Math.min(denoiser.latencySamples, Math.round(CLOSING_SECONDS * sampleRate));
    this.#timeline = new MixTimeline({ sampleRate, channels, fadeSamples, closingSamples, onPair });
    const { maxLateSeconds = 0.25, blockSeconds = 0 } = options;
    this.#guard = new OverloadGuard({ sampleRate, maxLateSeconds, blockSeconds });
    this.#clock = options.clock ?? systemClock;
    this.#realtime = options.realtime ?? true;
    this.#block = Math.round(BLOCK_SECONDS * sampleRate);
    this.#feed = new DenoiserFeed(this.#timeline, denoiser, this.#block);
    if (denoiser instanceof DenoiserSlot) denoiser.on('swapped', () => this.#recover());
  }

  /** Hz. */
  get sampleRate(): number {
    return this.options.sampleRate;
  }

  /** Whether the music guard counts notes with vibrato as music from now on. */
  set musicExpected(expected: boolean) {
    if (this.#music !== undefined) this.#music.musicExpected = expected;
  }

  /** Share of the denoising that is applied now, after bypass and music; 0 … 1. */
  get appliedStrength(): number {
    return this.bypass ? 0 : this.strength * (this.#music?.share ?? 1);
  }

  /** Share of the denoising that is taken back because of music; 0 … 1. */
  get musicShare(): number {
    return 1 - (this.#music?.share ?? 1);
  }

  /** True while audio passes through because the denoiser is late or has failed. */
  get passing(): boolean {
    return this.#guard.passing || this.#failed;
  }

  override _write(chunk: AudioChunk, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      checkFormat(chunk, this.options);
    } catch (error) {
      done(error as Error);
      return;
    }
    if (chunk.discontinuity !== undefined) {
      this.stats.discontinuities++;
      this.stats.lostSamples += chunk.discontinuity.lostSamples ?? 0n;
    }
    const { received } = this.#timeline;
    if (this.#timeline.write(chunk)) this.#feed.breakAt(received);
    this.#guard.arrived(chunk.samples[0].length);
    this.#held = done;
    this.#turn();
  }

  override _read(): void {
    this.#full = false;
    this.#release();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#ended = () => done();
    this.#turn();
  }

  #turn(): void {
    this.#watch();
    this.#advance();
    this.#release();
    this.#finish();
    if (!this.#busy) void this.#work();
  }

  /** Lets the next chunk come: at once in real time unless nobody reads, else when the denoiser has room. */
  #release(): void {
    const waiting = this.#timeline.received - this.#feed.fed;
    const held = this.#held;
    if (held === undefined || this.#full || (!this.#realtime && waiting > this.#block)) return;
    this.#held = undefined;
    held();
  }

  #watch(): void {
    const { received, emitted } = this.#timeline;
    if (!this.#realtime || this.#failed) return;
    const from = Math.max(emitted, this.#resumedAt);
    if (!this.#guard.check(received - from - this.latencySamples, received)) return;
    this.stats.overloads++;
    this.emit('overload', true);
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (let job = this.#nextJob(); job !== undefined && !this.destroyed; job = this.#nextJob()) {
        const started = this.#clock.now();
        const wet = await job.run();
        this.times.add(this.#clock.now() - started, job.samples / this.options.sampleRate);
        this.#feed.takeBack(wet);
        this.#watch();
        this.#advance();
        this.#release();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
    this.#advance();
    this.#finish();
  }

  #nextJob(): FeedJob | undefined {
    if (this.#failed) return undefined;
    if (this.#guard.resumes(this.#timeline.received)) this.#resume();
    return this.#guard.passing ? undefined : this.#feed.next(this.#ended !== undefined);
  }

  /** After an overload: the backlog is passed through, and so is the seam. */
  #resume(): void {
    this.#feed.skip();
    this.#resumedAt = this.#timeline.received;
    this.#quietUntil = this.#resumedAt + this.options.denoiser.latencySamples;
    this.emit('overload', false);
  }

  /** After a failure, when another denoiser has taken the place of the one that failed. */
  #recover(): void {
    if (!this.#failed || this.#busy || this.destroyed) return;
    this.#failed = false;
    this.#feed.startAgain();
    this.#resumedAt = this.#timeline.received;
    this.#quietUntil = this.#resumedAt + this.options.denoiser.latencySamples;
    this.#turn();
  }

  /** Emits all that is ready, or due. */
  #advance(): void {
    const timeline = this.#timeline;
    for (;;) {
      const { emitted } = timeline;
      const wet = timeline.wet;
      const count = this.#ready(wet) - emitted;
      if (count <= 0) return;
      const mixed = wet !== undefined && wet.start <= emitted;
      const forced = this.passing || emitted < this.#quietUntil;
      timeline.target = forced || this.bypass ? 0 : this.strength;
      if (!mixed || forced) this.stats.passedThroughSamples += BigInt(count);
      const chunks = mixed ? timeline.takeMixed(count) : timeline.takeDry(count);
      this.stats.samples += BigInt(count);
      for (const chunk of chunks) if (!this.push(chunk)) this.#full = true;
    }
  }

  /** Index up to which samples may be emitted now, in one piece. */
  #ready(wet: MixTimeline['wet']): number {
    const { received, emitted } = this.#timeline;
    const segmentEnd = this.#timeline.segmentEnd(emitted);
    const due = this.#due(received);
    if (wet === undefined) return Math.min(due, segmentEnd);
    if (wet.start > emitted) return Math.min(wet.start, segmentEnd);
    const isLast = wet.end < segmentEnd || (wet.end === received && this.#ended === undefined);
    const fade = isLast && !wet.more ? this.latencySamples - this.options.denoiser.latencySamples : 0;
    const end = Math.min(Math.max(wet.end - fade, Math.min(due, wet.end)), segmentEnd);
    return emitted < this.#quietUntil ? Math.min(end, this.#quietUntil) : end;
  }

  /** Index of the first sample that may still wait for the denoiser. */
  #due(received: number): number {
    if (this.passing && this.#ended !== undefined) return received;
    if (!this.#realtime) return 0;
    return received - this.latencySamples - this.#guard.limit;
  }

  #fail(error: unknown): void {
    if (this.destroyed) return;
    const known = toDenoiseError(error, 'Denoising');
    if (!this.#realtime) {
      this.destroy(known);
      return;
    }
    this.#failed = true;
    this.emit('denoiser-failed', known);
  }

  #finish(): void {
    if (this.#ended === undefined || this.#timeline.emitted < this.#timeline.received) return;
    const ended = this.#ended;
    this.#ended = undefined;
    this.push(null);
    ended();
  }
}
