import type { AudioChunk } from '../../src/audio/chunk.js';
import { type Discontinuity, mergeDiscontinuities } from '../discontinuity.js';
import { cutStretches, type Stretch } from '../signal-track.js';
import type { ReceivedAudio } from './received-audio.js';
import type { Receiver } from './receiver.js';

/** Length of the fades where one receiver takes over from another, seconds. */
const FADE_SECONDS = 0.005;

/**
 * Makes numbered `AudioChunk`s of what receivers give, one after another: where the next one takes over both fade, and
 * time goes on without a gap. A chunk has one state of the squelch; where it changes, another begins.
 */
export class AudioChunker {
  /** Index of the next sample, and the rate that it is counted at, Hz. */
  #next = 0n;
  #sampleRate = 0;
  /** Samples to leave out because others stand for them already, to silence while filters fill, and to fade in. */
  #skip = 0;
  #hold = 0;
  #fadeIn = 0;
  #change: string | undefined;

  /** Where the audio stands, seconds. */
  get seconds(): number {
    return Number(this.#next) / this.#sampleRate;
  }

  /** The rate of the first receiver, Hz; another one by {@link takeOver}. */
  begin(sampleRate: number): void {
    if (this.#sampleRate === 0) this.#sampleRate = sampleRate;
    else this.#changeRate(sampleRate);
  }

  /**
   * Gives what the old receiver's filters still hold, and prepares for the next one's audio, which takes over where that
   * ends. Where the rate changes, the first chunk at the new one carries a discontinuity of no lost samples.
   */
  takeOver(old: Receiver, next: Receiver): AudioChunk[] {
    const oldRate = old.options.audioRate;
    const newRate = next.options.audioRate;
    const tail = old.flush();
    const audio = tail.audio.slice();
    fade(audio.subarray(-Math.round(FADE_SECONDS * oldRate)), 'out');
    const chunks = this.chunks({ ...tail, audio }, undefined);
    this.#skip = Math.round((old.latencySamples * newRate) / oldRate);
    this.#fadeIn = Math.round(FADE_SECONDS * newRate);
    this.#hold = Math.ceil(next.settlingSeconds * newRate);
    this.#changeRate(newRate);
    return chunks;
  }

  /**
   * Leaves out `lost` samples, and then whatever brings the next one to `dueSeconds`: filters round up to whole steps, and
   * left as it is the audio would fall behind by 0.1 ms at every break. Gives how many samples are missing in all.
   */
  skipTo(dueSeconds: number, lost: bigint): bigint {
    const due = BigInt(Math.round(dueSeconds * this.#sampleRate));
    const ahead = this.#next + lost - due;
    this.#skip = ahead > 0n ? Number(ahead) : 0;
    const missing = ahead < 0n ? lost - ahead : lost;
    this.#next += missing;
    return missing;
  }

  /** @param gap What is missing before these samples. */
  chunks({ audio, stretches }: ReceivedAudio, gap: Discontinuity | undefined): AudioChunk[] {
    const skipped = Math.min(this.#skip, audio.length);
    this.#skip -= skipped;
    // The receiver uses its buffer again at the next chunk, which may come before this one is read.
    const samples = audio.slice(skipped);
    if (samples.length === 0 && gap === undefined) return [];
    this.#coverSeam(samples);
    const change = this.#change === undefined ? undefined : { lostSamples: 0n, reason: this.#change };
    this.#change = undefined;
    const chunks = this.#split(samples, dropStretches(stretches, skipped));
    const discontinuity = mergeDiscontinuities(change, gap);
    if (discontinuity !== undefined) chunks[0].discontinuity = discontinuity;
    return chunks;
  }

  #split(samples: Float32Array, stretches: readonly Stretch[]): AudioChunk[] {
    let from = 0;
    return (stretches.length === 0 ? [{ count: 0, state: {} }] : stretches).map(({ count, state }) => {
      const chunk: AudioChunk = {
        samples: [samples.subarray(from, from + count)],
        sampleRate: this.#sampleRate,
        firstSample: this.#next,
        ...state,
      };
      from += count;
      this.#next += BigInt(count);
      return chunk;
    });
  }

  #coverSeam(samples: Float32Array): void {
    const held = Math.min(this.#hold, samples.length);
    samples.fill(0, 0, held);
    this.#hold -= held;
    if (this.#fadeIn === 0 || samples.length === held) return;
    fade(samples.subarray(held, held + this.#fadeIn), 'in');
    this.#fadeIn = 0;
  }

  #changeRate(sampleRate: number): void {
    const old = this.#sampleRate;
    if (old === sampleRate) return;
    this.#next = BigInt(Math.round((Number(this.#next) / old) * sampleRate));
    this.#sampleRate = sampleRate;
    this.#change = `the rate of the audio changed from ${old} to ${sampleRate} Hz`;
  }
}

/** The stretches without their first `count` samples. */
function dropStretches(stretches: readonly Stretch[], count: number): Stretch[] {
  const total = stretches.reduce((sum, stretch) => sum + stretch.count, 0);
  const reversed = cutStretches([...stretches].reverse(), total - count);
  return reversed.reverse();
}

/** From or to silence, as half a period of a cosine. */
function fade(samples: Float32Array, direction: 'in' | 'out'): void {
  const { length } = samples;
  for (let n = 0; n < length; n++) {
    const share = (direction === 'in' ? n + 0.5 : length - n - 0.5) / length;
    samples[n] *= 0.5 - 0.5 * Math.cos(Math.PI * share);
  }
}
