export interface ToneTrackerConfig {
  /** Width of a bin of the spectra, Hz. */
  binHz: number;
  /** Highest tone that matters, Hz. */
  highestHz: number;
}

interface Candidate {
  /** Smoothed place, bins. */
  bin: number;
  seen: number;
  missed: number;
}

const LOWEST_HZ = 100;
/** A tone stands so far above the bins around it, linear: 15 dB. */
const PROMINENCE = 30;
/** Bins beside a peak that its window spreads it over, and those that it is compared with. */
const NEAR = 4;
const FAR = 10;
/** A tone stays within so many bins: voices glide by more from frame to frame, whistles do not. */
const SAME_BINS = 1.5;
/** A whistle is there for so long, seconds; vowels end before, and Morse code pauses. */
const PERSISTENCE_SECONDS = 2;
/** One frame in so many may miss it, where a voice is louder. */
const MOST_MISSES = 4;
/** More at a time are music. */
const MOST_TONES = 4;
const MOST_CANDIDATES = 64;
/** Weight of a new place in the smoothed one. */
const FOLLOW = 0.3;

/** Finds tones that persist, in one power spectrum (Hann window) after another. */
export class ToneTracker {
  #candidates: Candidate[] = [];
  readonly #needed: number;

  constructor(readonly config: Readonly<ToneTrackerConfig>) {
    // Spectra do not overlap: each stands for 1 / binHz seconds.
    this.#needed = Math.ceil(PERSISTENCE_SECONDS * config.binHz);
  }

  /** Takes a spectrum; gives the tones that have persisted until now, Hz, none where there are more than four. */
  update(power: Float64Array): number[] {
    const peaks = this.#peaks(power);
    for (const candidate of this.#candidates) {
      const at = peaks.findIndex((bin) => Math.abs(bin - candidate.bin) < SAME_BINS);
      if (at < 0) candidate.missed++;
      else {
        candidate.bin += FOLLOW * (peaks[at] - candidate.bin);
        candidate.seen = Math.min(candidate.seen + 1, 2 * this.#needed);
        candidate.missed = Math.max(0, candidate.missed - 1 / MOST_MISSES);
        peaks.splice(at, 1);
      }
    }
    this.#candidates = this.#candidates.filter(({ seen, missed }) => missed <= 1 + seen / MOST_MISSES);
    for (const bin of peaks.slice(0, MOST_CANDIDATES - this.#candidates.length))
      this.#candidates.push({ bin, seen: 1, missed: 0 });
    const tones = this.#candidates.filter(({ seen }) => seen >= this.#needed);
    return tones.length > MOST_TONES ? [] : tones.map(({ bin }) => bin * this.config.binHz);
  }

  /** Places of what stands out, bins. */
  #peaks(power: Float64Array): number[] {
    const { binHz, highestHz } = this.config;
    const first = Math.max(FAR, Math.ceil(LOWEST_HZ / binHz));
    const last = Math.min(power.length - 1 - FAR, Math.floor(highestHz / binHz));
    const found: number[] = [];
    for (let k = first; k <= last; k++) {
      if (power[k] < power[k - 1] || power[k] <= power[k + 1]) continue;
      let around = 0;
      for (let d = NEAR; d <= FAR; d++) around += power[k - d] + power[k + d];
      if (power[k] * 2 * (FAR - NEAR + 1) < PROMINENCE * around || power[k] === 0) continue;
      const [left, middle, right] = [power[k - 1], power[k], power[k + 1]].map((p) => Math.log(p + 1e-30));
      found.push(k + (left - right) / (2 * (left - 2 * middle + right)));
    }
    return found;
  }

  reset(): void {
    this.#candidates = [];
  }
}
