import { boundedSamples } from '../audio/finite-guard.js';
import { SampleQueue } from '../audio/sample-queue.js';
import { UsageError } from '../errors.js';
import type { DenoiserStream, StreamOptions } from './denoiser-stream.js';
import { FullBandDenoiser } from './full-band.js';
import { Model } from './model.js';
import { MUSIC_CHOICES, type MusicChoice } from './music-choice.js';
import { MusicGuard } from './music-guard.js';

export interface DenoiserOptions extends StreamOptions {
  /** Rate of the audio in Hz: any; the model's own is {@link Model.info}`.sampleRate`. */
  sampleRate: number;
  /** Default 1. The model hears each by itself; whether it is music is decided for all of them. */
  channels?: number;
  /**
   * A model that was loaded, which the denoiser shares with its other users, or a name such as `base`, or the path of a
   * checkpoint, which it loads for itself. Default: the best shipped one.
   */
  model?: Model | string;
  /** How much of the noise is taken out, 0 (the audio comes back to the bit) … 1. Default 1. */
  strength?: number;
  /** Whether music is left in ({@link MusicGuard}): `on` counts notes with vibrato as music, too. Default `auto`. */
  music?: MusicChoice;
}

/**
 * Denoises a stream of audio of any rate and number of channels, chunk by chunk, on plain arrays. Made by
 * {@link createDenoiser}. The chunks may be cut in any way: the samples that come out are the same.
 */
export class Denoiser {
  readonly sampleRate: number;
  readonly channels: number;
  /** By how many samples of `sampleRate` the output trails the input until {@link flush}. */
  readonly latencySamples: number;
  readonly #fullBand: FullBandDenoiser;
  readonly #streams: readonly DenoiserStream[];
  readonly #makeGuard: (() => MusicGuard) | undefined;
  #guard: MusicGuard | undefined;
  /** What went in and has not come out yet, for the guard to compare with. */
  readonly #waiting: readonly SampleQueue[];
  #closed: Promise<void> | undefined;

  /** Takes over one use of `model`. */
  constructor(
    private readonly model: Model,
    { sampleRate, channels = 1, strength = 1, hopByHop = false, music = 'auto' }: DenoiserOptions,
  ) {
    this.#streams = Array.from({ length: channels }, () => model.createStream({ hopByHop }));
    this.#fullBand = new FullBandDenoiser({ sampleRate, denoisers: this.#streams, strength });
    this.#waiting = this.#streams.map(() => new SampleQueue());
    // At strength 0 nothing is taken away.
    if (strength > 0 && music !== 'off')
      this.#makeGuard = () => new MusicGuard(sampleRate, { strength, musicExpected: music === 'on' });
    this.#guard = this.#makeGuard?.();
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.latencySamples = this.#fullBand.latencySamples;
  }

  /**
   * Takes the next samples; calls must not overlap.
   *
   * @param samples one array per channel, all of the same length, any length, full scale ±1. Not kept and not changed. What is
   *   not finite is taken as silence
   * @returns as many clean samples of each channel as are ready, possibly none; the caller owns them
   * @throws InputError `E_CHANNELS_DIFFER`
   * @throws ModelError `E_INFERENCE`, `E_MODEL_OUTPUT`
   * @throws DenoiseError `E_STREAM_ENDED` after {@link flush}
   */
  async process(samples: readonly Float32Array[]): Promise<Float32Array[]> {
    const audio = samples.map(boundedSamples);
    const clean = await this.#fullBand.process(audio);
    if (this.#guard !== undefined) this.#waiting.forEach((queue, c) => void queue.push(audio[c]));
    return this.#guarded(clean);
  }

  /** The samples still owed: then exactly as many came out as went in, and only {@link reset} or {@link close} may follow. */
  async flush(): Promise<Float32Array[]> {
    return this.#guarded(await this.#fullBand.flush());
  }

  /** For how long music was left in, seconds; where half of the denoising was applied, half of the time counts. */
  get musicSeconds(): number {
    return this.#guard?.easedSeconds ?? 0;
  }

  /** Gives back what the guard takes for music; changes `clean` in place. */
  #guarded(clean: Float32Array[]): Float32Array[] {
    const guard = this.#guard;
    if (guard === undefined) return clean;
    guard.ease(
      this.#waiting.map((queue) => queue.peek(clean[0].length)),
      clean,
    );
    for (const queue of this.#waiting) queue.drop(clean[0].length);
    return clean;
  }

  /** Forgets everything that was heard: ready for another stream. */
  reset(): void {
    this.#fullBand.reset();
    for (const queue of this.#waiting) queue.clear();
    this.#guard = this.#makeGuard?.();
  }

  /** Frees the memory of its streams, and the model where nobody else uses it. */
  close(): Promise<void> {
    if (this.#closed === undefined) {
      for (const stream of this.#streams) stream.close();
      this.#closed = this.model.release();
    }
    return this.#closed;
  }
}

/**
 * Opens a denoiser for a stream of audio.
 *
 * ```ts
 * const denoiser = await createDenoiser({ sampleRate: 48_000, channels: 2 });
 * const [left, right] = await denoiser.process([noisyLeft, noisyRight]);
 * const tail = await denoiser.flush();
 * await denoiser.close();
 * ```
 *
 * @throws UsageError `E_CHANNELS`, `E_STRENGTH`, `E_MUSIC`; InputError `E_SAMPLE_RATE`
 * @throws ModelError as {@link Model.load}, `E_MODEL_CLOSED`
 */
export async function createDenoiser(options: DenoiserOptions): Promise<Denoiser> {
  const { model, channels = 1 } = options;
  if (!(Number.isInteger(channels) && channels > 0))
    throw new UsageError('E_CHANNELS', `Audio cannot have ${channels} channels.`, {
      hint: 'Give a whole number of channels above 0.',
    });
  if (options.music !== undefined && !MUSIC_CHOICES.includes(options.music))
    throw new UsageError('E_MUSIC', `There is no choice ${options.music} of music.`, {
      hint: `Choose one of ${MUSIC_CHOICES.join(', ')}.`,
    });
  const used = model instanceof Model ? model.retain() : await Model.load(model);
  try {
    return new Denoiser(used, options);
  } catch (error) {
    await used.release();
    throw error;
  }
}
