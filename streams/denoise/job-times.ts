/** Jobs that the percentiles and the load are taken over: about a minute of hops. */
const REMEMBERED = 4096;
/** Seconds of audio that the load is averaged over. */
const LOAD_SECONDS = 2;

/** Statistics of the denoiser's computing time, relative to real time. */
export class JobTimes {
  /** Time spent per time of audio, over about the last 2 s: 1 is all the time there is. */
  load = 0;
  readonly #msPerHop = new Float64Array(REMEMBERED);
  readonly #sorted = new Float64Array(REMEMBERED);
  #count = 0;

  /** @param hopSeconds Length of a hop: times are stated for one. */
  constructor(readonly hopSeconds: number) {}

  /** Notes that `seconds` of audio took `ms`. */
  add(ms: number, seconds: number): void {
    if (seconds <= 0) return;
    const weight = Math.min(1, seconds / LOAD_SECONDS);
    this.load += weight * (ms / 1000 / seconds - this.load);
    this.#msPerHop[this.#count++ % REMEMBERED] = ms / Math.max(1, seconds / this.hopSeconds);
  }

  /** Milliseconds per hop that shares of the hops stayed under, such as 0.99; 0 before the first. */
  percentiles(...shares: number[]): number[] {
    const count = Math.min(this.#count, REMEMBERED);
    const known = this.#sorted.subarray(0, count);
    known.set(this.#msPerHop.subarray(0, count));
    known.sort();
    return shares.map((share) => known[Math.min(count - 1, Math.floor(share * count))] ?? 0);
  }
}
