import type { Random } from '../../random.js';
import type { Clip, ClipLibrary } from './library.js';

const TAPS = 16;
const PHASES = 256;
/** Fade at the start and end of every stretch of a clip: no click where clips meet. */
const FADE_SECONDS = 0.005;

/** Draws clips with a chance that follows their length to the power of `exponent`, in O(log n). */
export class ClipPicker {
  readonly #cumulative: Float64Array;
  readonly #groups = new Map<string, Clip[]>();

  constructor(
    readonly library: ClipLibrary,
    exponent: number,
  ) {
    this.#cumulative = new Float64Array(library.clips.length);
    let sum = 0;
    for (const [i, clip] of library.clips.entries()) {
      sum += clip.length ** exponent;
      this.#cumulative[i] = sum;
      if (clip.group === null) continue;
      const group = this.#groups.get(clip.group);
      if (group === undefined) this.#groups.set(clip.group, [clip]);
      else group.push(clip);
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

/** Reads stretches of clips at any playing speed, with band-limited interpolation, and adds them into a buffer. */
export class ClipPlayer {
  readonly #pcm: Int16Array[];
  readonly #kernels = new Map<number, Float32Array>();
  readonly #fade: number;
  #body = new Float32Array(0);

  constructor(library: ClipLibrary) {
    this.#pcm = library.blocks.map((block) => new Int16Array(block));
    this.#fade = Math.max(1, Math.round(FADE_SECONDS * library.sampleRate));
  }

  /** Samples that `clip` gives from `from` (a sample of the clip) on at `speed`. */
  available(clip: Clip, from: number, speed: number): number {
    return Math.max(0, Math.floor((clip.length - 1 - from) / speed) + 1);
  }

  /** Adds `count` samples of `clip` from its sample `from` on, played at `speed`, to `out` at `at`, faded at both ends. */
  add(clip: Clip, from: number, speed: number, out: Float32Array, at: number, count: number): void {
    const fade = Math.min(this.#fade, count >> 1);
    const body = this.#read(clip, from, speed, count);
    const { scale } = clip;
    for (let i = 0; i < fade; i++) body[i] *= (i + 1) / (fade + 1);
    for (let i = count - fade; i < count; i++) body[i] *= (count - i) / (fade + 1);
    for (let i = 0; i < count; i++) out[at + i] += scale * body[i];
  }

  /** 16-bit values of a stretch, at `speed`; the array is used again by the next call. */
  #read(clip: Clip, from: number, speed: number, count: number): Float32Array {
    if (this.#body.length < count) this.#body = new Float32Array(count);
    const body = this.#body;
    const pcm = this.#pcm[clip.block].subarray(clip.offset, clip.offset + clip.length);
    if (speed === 1) {
      for (let i = 0; i < count; i++) body[i] = pcm[from + i];
      return body;
    }
    const kernel = this.#kernel(speed);
    const last = clip.length - TAPS;
    for (let i = 0; i < count; i++) {
      const position = from + i * speed;
      const whole = Math.floor(position);
      const row = Math.round((position - whole) * PHASES) * TAPS;
      const start = whole - TAPS / 2 + 1;
      let value = 0;
      if (start >= 0 && start <= last) {
        // Written out by eight: half the time of a plain loop, whose bounds checks cost more than its products.
        for (let k = row, n = start; k < row + TAPS; k += 8, n += 8) {
          value +=
            kernel[k] * pcm[n] +
            kernel[k + 1] * pcm[n + 1] +
            (kernel[k + 2] * pcm[n + 2] + kernel[k + 3] * pcm[n + 3]) +
            (kernel[k + 4] * pcm[n + 4] + kernel[k + 5] * pcm[n + 5]) +
            (kernel[k + 6] * pcm[n + 6] + kernel[k + 7] * pcm[n + 7]);
        }
      } else {
        for (let k = Math.max(0, -start); k < Math.min(TAPS, clip.length - start); k++) {
          value += kernel[row + k] * pcm[start + k];
        }
      }
      body[i] = value;
    }
    return body;
  }

  /** Windowed sinc `[PHASES + 1][TAPS]` that keeps what a faster speed would fold back out of the band. */
  #kernel(speed: number): Float32Array {
    const cutoff = 0.95 / Math.max(1, Math.ceil(speed * 50) / 50);
    const known = this.#kernels.get(cutoff);
    if (known !== undefined) return known;
    const kernel = new Float32Array((PHASES + 1) * TAPS);
    for (let phase = 0; phase <= PHASES; phase++) {
      let sum = 0;
      for (let k = 0; k < TAPS; k++) {
        const t = k - TAPS / 2 + 1 - phase / PHASES;
        const sinc = t === 0 ? cutoff : Math.sin(Math.PI * cutoff * t) / (Math.PI * t);
        const window = 0.5 + 0.5 * Math.cos((Math.PI * t) / (TAPS / 2 + 0.5));
        kernel[phase * TAPS + k] = sinc * window;
        sum += sinc * window;
      }
      for (let k = 0; k < TAPS; k++) kernel[phase * TAPS + k] /= sum;
    }
    this.#kernels.set(cutoff, kernel);
    return kernel;
  }
}
