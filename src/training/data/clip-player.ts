import type { Random } from '../../random.js';
import type { Clip, ClipLibrary } from './library.js';

/** Fade at the start and end of every stretch of a clip: no click where clips meet. */
const FADE_SECONDS = 0.005;

/** Draws clips with a chance that follows durations to the power of `exponent`, in O(log n). */
export class ClipPicker {
  readonly #cumulative: Float64Array;
  readonly #groups = new Map<string, Clip[]>();

  /**
   * @param by whose duration: the clip's own, or that of all clips of its speaker or source, which then share its
   * chance by their length (a clip of an unknown speaker stands for itself)
   */
  constructor(
    readonly library: ClipLibrary,
    exponent: number,
    by: 'clip' | 'group' = 'clip',
  ) {
    for (const clip of library.clips) {
      if (clip.group === null) continue;
      const group = this.#groups.get(clip.group);
      if (group === undefined) this.#groups.set(clip.group, [clip]);
      else group.push(clip);
    }
    const durations = new Map<string, number>();
    for (const [group, clips] of this.#groups)
      durations.set(group, by === 'clip' ? 0 : clips.reduce((sum, { length }) => sum + length, 0));
    this.#cumulative = new Float64Array(library.clips.length);
    let sum = 0;
    for (const [i, { group, length }] of library.clips.entries()) {
      const duration = (group === null ? 0 : durations.get(group)) || length;
      sum += duration === length ? length ** exponent : duration ** exponent * (length / duration);
      this.#cumulative[i] = sum;
    }
  }

  pick(random: Random): Clip {
    const at = random.next() * this.#cumulative[this.#cumulative.length - 1];
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle] > at) high = middle;
      else low = middle + 1;
    }
    return this.library.clips[low];
  }

  /** Another clip of the same speaker or recording; the same clip when its group is unknown. */
  pickFromGroup(random: Random, clip: Clip): Clip {
    const group = clip.group === null ? undefined : this.#groups.get(clip.group);
    return group === undefined ? clip : group[random.integer(group.length)];
  }
}

/** Reads stretches of clips and adds them into a buffer, without clicks where they begin and end. */
export class ClipPlayer {
  readonly #pcm: Int16Array[];
  readonly #fade: number;

  constructor(library: ClipLibrary) {
    this.#pcm = library.blocks.map((block) => new Int16Array(block));
    this.#fade = Math.max(1, Math.round(FADE_SECONDS * library.sampleRate));
  }

  /** All samples of `clip`, without fades. */
  read({ block, offset, length, scale }: Clip): Float32Array {
    const pcm = this.#pcm[block].subarray(offset, offset + length);
    return Float32Array.from(pcm, (value) => scale * value);
  }

  /** Adds samples `from` … `from + count` of `clip` to `out` at `at`, faded at both ends. */
  add(clip: Clip, from: number, out: Float32Array, at: number, count: number): void {
    const start = clip.offset + from;
    const pcm = this.#pcm[clip.block].subarray(start, start + count);
    const fade = Math.min(this.#fade, count >> 1);
    const { scale } = clip;
    for (let i = 0; i < fade; i++) {
      const gain = (scale * (i + 1)) / (fade + 1);
      out[at + i] += gain * pcm[i];
      out[at + count - 1 - i] += gain * pcm[count - 1 - i];
    }
    for (let i = fade; i < count - fade; i++) out[at + i] += scale * pcm[i];
  }
}
