import { Random } from '../../src/random.js';
import { ClipPlayer } from '../../src/training/data/clip-player.js';
import type { Clip, ClipLibrary } from '../../src/training/data/library.js';

/** Utterances within a track differ in loudness by up to this, dB either way. */
const LOUDNESS_DB = 4;
const UTTERANCE_RMS = 0.1;
const LONGEST_PAUSE_SECONDS = 0.9;

/** Deals utterances one after the other into tracks: all are used once before any is used again. */
export class SpeechTracks {
  readonly #player: ClipPlayer;
  readonly #random: Random;
  #deck: Clip[] = [];
  #clip: Clip | undefined;
  #from = 0;

  constructor(
    readonly library: ClipLibrary,
    seed: number,
  ) {
    this.#player = new ClipPlayer(library);
    this.#random = new Random(seed, 0x53_50_45);
  }

  /** The next track of `samples`; an utterance that does not fit goes on in the next. */
  next(samples: number): Float32Array {
    const random = this.#random;
    const track = new Float32Array(samples);
    let at = 0;
    while (at < samples) {
      this.#clip ??= this.#draw();
      const clip = this.#clip;
      const count = Math.min(clip.length - this.#from, samples - at);
      this.#player.add(clip, this.#from, track, at, count);
      const part = track.subarray(at, at + count);
      let power = 0;
      for (const value of part) power += value * value;
      const gain =
        (UTTERANCE_RMS * 10 ** (random.uniform(-LOUDNESS_DB, LOUDNESS_DB) / 20)) /
        Math.sqrt(power / count + 1e-9);
      for (let n = 0; n < count; n++) part[n] *= gain;
      this.#from += count;
      at += count;
      if (this.#from < clip.length) break;
      this.#clip = undefined;
      this.#from = 0;
      at += Math.round(random.uniform(0, LONGEST_PAUSE_SECONDS) * this.library.sampleRate);
    }
    return track;
  }

  #draw(): Clip {
    if (this.#deck.length === 0) {
      this.#deck = [...this.library.clips];
      for (let n = this.#deck.length - 1; n > 0; n--) {
        const other = this.#random.integer(n + 1);
        [this.#deck[n], this.#deck[other]] = [this.#deck[other], this.#deck[n]];
      }
    }
    return this.#deck.pop() as Clip;
  }
}
