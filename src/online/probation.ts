/** What is measured of a running model each second; JSON-safe. */
export interface LiveMeasure {
  /** Audio given out so far, seconds. */
  seconds: number;
  /** Time that passed through undenoised because the machine did not keep up or the model failed, seconds, so far. */
  passedThroughSeconds: number;
  /** Computing time per time of audio. */
  load: number;
  /** Levels before and after the model, dBFS. */
  inputDb: number;
  outputDb: number;
}

export interface ProbationOptions {
  /** How many measures it takes; default 60. */
  length?: number;
  /** It fails when so many … Default 5. */
  failures?: number;
  /** … of so many measures in a row fail. Default 10. */
  window?: number;
  /** Highest load; default 0.5. */
  load?: number;
  /** By how much the output may be louder than the input, dB; default 3. */
  louderDb?: number;
}

/**
 * Watches a model that has just taken over. One bad second is life; several of ten are not: the model before comes back then.
 * A measure that is missing, or shows that no audio came, counts as failed.
 */
export class Probation {
  readonly #length: number;
  readonly #failures: number;
  readonly #window: number;
  readonly #load: number;
  readonly #louderDb: number;
  #last: LiveMeasure | undefined;
  #seen = 0;
  /** Reasons of the last measures, `undefined` where one was good. */
  #recent: (string | undefined)[] = [];

  constructor({ length = 60, failures = 5, window = 10, load = 0.5, louderDb = 3 }: ProbationOptions = {}) {
    this.#length = length;
    this.#failures = failures;
    this.#window = window;
    this.#load = load;
    this.#louderDb = louderDb;
  }

  /** Takes the measure of a second. @returns `failed` with the reason of its failures, `passed` at the end, or `running` */
  observe(
    measure: LiveMeasure | undefined,
  ): { state: 'running' | 'passed' } | { state: 'failed'; reason: string } {
    this.#recent.push(this.#whyBad(measure));
    if (this.#recent.length > this.#window) this.#recent.shift();
    this.#last = measure ?? this.#last;
    this.#seen++;
    const bad = this.#recent.filter((reason) => reason !== undefined);
    if (bad.length >= this.#failures)
      return {
        state: 'failed',
        reason: `${bad.length} of ${this.#recent.length} seconds were bad, the last because ${bad[bad.length - 1]}`,
      };
    return { state: this.#seen >= this.#length ? 'passed' : 'running' };
  }

  #whyBad(measure: LiveMeasure | undefined): string | undefined {
    if (measure === undefined) return 'nothing was measured';
    const before = this.#last;
    if (before !== undefined && measure.seconds <= before.seconds) return 'no audio came';
    if (before !== undefined && measure.passedThroughSeconds > before.passedThroughSeconds)
      return 'audio passed through undenoised';
    if (!(measure.load <= this.#load)) return `the load was ${measure.load.toFixed(2)}`;
    if (Number.isNaN(measure.outputDb)) return 'the output was not finite';
    if (measure.outputDb > measure.inputDb + this.#louderDb)
      return `the output was ${(measure.outputDb - measure.inputDb).toFixed(1)} dB louder than the input`;
    return undefined;
  }
}
