/** Band in which lines are looked for, Hz: bass notes and their harmonics, above the rumble. */
const LOWEST_HZ = 100;
const HIGHEST_HZ = 5000;
/** A line stands this much out of the median of its surroundings, which reach so far on both sides: 15 dB, 200 Hz. */
const LINE_RATIO = 30;
const SURROUNDINGS_HZ = 200;
/** Bins of a line on either side of its top: the main lobe of a Hann window. */
const LOBE_BINS = 2;
/** A line matters from this share of the input's power on; weaker ones are side lobes and what noise throws up. */
const LEAST_SHARE = 0.003;
/** Younger lines are the gliding harmonics of speech, seconds. */
const YOUNGEST_SECONDS = 0.15;
/** From this age on a line may be a machine, seconds: few notes are held for longer. */
const HELD_SECONDS = 3;
/** How far a line may stray from where it began and still be one note, Hz. */
const STEADY_HZ = 6;
/** Bins that it may move from one frame to the next: where it is steady, and where it may wobble. */
const STEADY_STEP = 1;
const WOBBLE_STEP = 3;
/** A whistle is one line or two. */
const FEWEST_LINES = 3;
/** Mains hum: lines this near to a multiple of these, Hz. */
const MAINS_HZ = [50, 60];
const MAINS_REACH_HZ = 2;
/** Fundamentals of fans and engines, Hz: below it a single harmonic series is a machine, and nothing is lower than the least. */
const MACHINE_HZ = 160;
const LEAST_FUNDAMENTAL_HZ = 40;
/** A series holds all but this share of the power of the lines, each within so much of its place; in noise a line strays a little. */
const OFF_SERIES_SHARE = 0.05;
const SERIES_TOLERANCE = 0.004;
const PLACE_ERROR_BINS = 0.2;

interface Line {
  hz: number;
  power: number;
  /** It has stood for longer than most notes do. */
  held: boolean;
}

/**
 * Follows the lines of a spectrum from frame to frame, and finds those that are notes: they stand still for longer than a
 * syllable, several at a time, and are neither mains hum nor the single harmonic series of a machine.
 */
export class SteadyLines {
  /** Whether notes with vibrato count, too; a baby's cry does then. */
  wobbling = false;
  /** First and last bin that are looked at. */
  readonly first: number;
  readonly last: number;
  readonly #reach: number;
  /** Of each bin, since when there is a line, seconds, and where it began, Hz: of the last frame and this one. */
  readonly #ages: [Float32Array, Float32Array];
  readonly #origins: [Float32Array, Float32Array];

  /** @param bins Of a spectrum. @param binHz Hz from one to the next. @param hopSeconds From one spectrum to the next. */
  constructor(
    private readonly bins: number,
    private readonly binHz: number,
    private readonly hopSeconds: number,
  ) {
    this.first = Math.round(LOWEST_HZ / binHz);
    this.last = Math.min(bins - 1 - LOBE_BINS, Math.round(HIGHEST_HZ / binHz));
    this.#reach = Math.round(SURROUNDINGS_HZ / binHz);
    this.#ages = [new Float32Array(bins), new Float32Array(bins)];
    this.#origins = [new Float32Array(bins), new Float32Array(bins)];
  }

  /**
   * Takes the next spectrum.
   *
   * @param power `[bins]`, linear. @param inputPower Of the whole input in the band, in the same scale.
   * @returns power of the notes in it; 0 where there are none
   */
  notePower(power: Float64Array, inputPower: number): number {
    const lines = withoutHum(this.#follow(power, LEAST_SHARE * inputPower + Number.MIN_VALUE));
    const held = lines.filter((line) => line.held);
    const chord = held.length >= FEWEST_LINES && !isSeries(held, Number.POSITIVE_INFINITY, this.binHz);
    const notes = chord ? lines : lines.filter((line) => !line.held);
    if (notes.length < FEWEST_LINES || isSeries(notes, MACHINE_HZ, this.binHz)) return 0;
    return sum(notes);
  }

  /** The lines that are old enough, from low to high. */
  #follow(power: Float64Array, least: number): Line[] {
    const [ages, next] = this.#ages;
    const [origins, nextOrigins] = this.#origins;
    const lines: Line[] = [];
    next.fill(0);
    for (let bin = this.first; bin <= this.last; bin++) {
      if (power[bin] < least || !isTop(power, bin) || !this.#standsOut(power, bin)) continue;
      const hz = topOf(power, bin) * this.binHz;
      const before = this.#nearest(ages, origins, bin, hz);
      const age = (before < 0 ? 0 : ages[before]) + this.hopSeconds;
      next[bin] = age;
      nextOrigins[bin] = before < 0 ? hz : origins[before];
      if (age < YOUNGEST_SECONDS) continue;
      let lobe = 0;
      for (let near = bin - LOBE_BINS; near <= bin + LOBE_BINS; near++) lobe += power[near];
      lines.push({ hz, power: lobe, held: age > HELD_SECONDS });
    }
    this.#ages.reverse();
    this.#origins.reverse();
    return lines;
  }

  /** Bin of the line of the last frame that goes on at `hz`; −1 where none does. */
  #nearest(ages: Float32Array, origins: Float32Array, bin: number, hz: number): number {
    let found = -1;
    let least = this.wobbling ? Number.POSITIVE_INFINITY : STEADY_HZ;
    const step = this.wobbling ? WOBBLE_STEP : STEADY_STEP;
    for (let near = bin - step; near <= bin + step; near++) {
      const distance = Math.abs(hz - origins[near]);
      if (ages[near] === 0 || distance > least) continue;
      found = near;
      least = distance;
    }
    return found;
  }

  /**
   * Against the median, which other lines do not raise: the notes of a chord lie close together. A bin stands out of the median
   * where it stands out of more than half of its surroundings, so that they need not be sorted.
   */
  #standsOut(power: Float64Array, bin: number): boolean {
    const from = Math.max(0, bin - this.#reach);
    const to = Math.min(this.bins - 1, bin + this.#reach);
    const top = power[bin];
    const lobe = Math.min(to, bin + LOBE_BINS) - Math.max(from, bin - LOBE_BINS) + 1;
    // Of `count` bins in order, the median is the one with half of them, rounded down, before it.
    const count = to - from + 1 - lobe;
    let mayExceed = count - 1 - (count >> 1);
    for (let near = from; near <= to; near++) {
      if (top > LINE_RATIO * power[near] || Math.abs(near - bin) <= LOBE_BINS) continue;
      if (--mayExceed < 0) return false;
    }
    return true;
  }
}

function isTop(power: Float64Array, bin: number): boolean {
  const top = power[bin];
  return top >= power[bin - 1] && top > power[bin + 1] && top >= power[bin - 2] && top > power[bin + 2];
}

/** Where the top of a peak lies between the bins: that of the parabola through the logarithms of its three powers. */
function topOf(power: Float64Array, bin: number): number {
  const left = Math.log(power[bin - 1] + 1e-30);
  const top = Math.log(power[bin] + 1e-30);
  const right = Math.log(power[bin + 1] + 1e-30);
  const bend = left - 2 * top + right;
  return bend < 0 ? bin + (0.5 * (left - right)) / bend : bin;
}

const isMains = ({ hz }: Line): boolean =>
  MAINS_HZ.some((mains) => Math.abs(hz - mains * Math.round(hz / mains)) < MAINS_REACH_HZ);

/** Lines on the mains' harmonics are hum where they are most of what there is, else notes that happen to lie there. */
function withoutHum(lines: readonly Line[]): readonly Line[] {
  return 2 * sum(lines.filter(isMains)) > sum(lines) ? lines.filter((line) => !isMains(line)) : lines;
}

const sum = (lines: readonly Line[]): number => lines.reduce((total, { power }) => total + power, 0);

/**
 * Whether nearly all lines are harmonics of one fundamental below `mostHz`, of which the lowest line is the 1st, 2nd or 3rd.
 * The fundamental is made more exact with every harmonic from low to high.
 */
function isSeries(lines: readonly Line[], mostHz: number, binHz: number): boolean {
  const total = sum(lines);
  return [1, 2, 3].some((lowest) => {
    let fundamental = lines[0].hz / lowest;
    if (fundamental > mostHz || fundamental < LEAST_FUNDAMENTAL_HZ) return false;
    let off = 0;
    // Harmonics that are all multiples of the lowest belong to a series of its own.
    let between = lowest === 1;
    for (const { hz, power } of lines) {
      const harmonic = Math.max(1, Math.round(hz / fundamental));
      const distance = Math.abs(hz - harmonic * fundamental);
      if (distance > Math.max(SERIES_TOLERANCE * hz, PLACE_ERROR_BINS * binHz)) off += power;
      else {
        fundamental = hz / harmonic;
        between ||= harmonic % lowest !== 0;
      }
    }
    return between && off < OFF_SERIES_SHARE * total;
  });
}
