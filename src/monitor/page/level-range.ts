/** How fast floor and top follow what is there, share per line; a louder signal is followed at once. */
const FOLLOW = 0.05;
const FOLLOW_UP = 0.3;
/** Between them at least, in steps of half a decibel: 30 dB. */
const LEAST_RANGE = 60;

/** Which levels of spectra are dark and bright: the noise floor is dark, however loud it is. In steps of half a decibel. */
export class LevelRange {
  floor = 0;
  top = LEAST_RANGE;
  #isSet = false;

  /** Follows a line of steps. */
  follow(values: Uint8Array): void {
    const sorted = values.slice().sort();
    const floor = sorted[Math.floor(sorted.length * 0.2)];
    const top = Math.max(sorted[sorted.length - 1], floor + LEAST_RANGE);
    if (!this.#isSet) Object.assign(this, { floor, top });
    this.#isSet = true;
    this.floor += FOLLOW * (floor - this.floor);
    this.top += (top > this.top ? FOLLOW_UP : FOLLOW) * (top - this.top);
  }
}
