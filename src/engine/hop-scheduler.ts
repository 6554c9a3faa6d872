/**
 * A batch is filled up with rows that nobody reads where at least so much of it is used: a run of 32 rows takes 1.8 ms, runs
 * of 16, 8 and 4 take 1.0, 0.5 and 0.3 ms.
 */
const LEAST_FILLED = 0.75;

/** What the scheduler runs its hops on. */
export interface HopRunner {
  /** Numbers of streams that one run can take, ascending, beginning with 1. */
  readonly batchSizes: readonly number[];
  /** Samples in a hop. */
  readonly hop: number;
  /** Most hops of one stream in one run. */
  readonly mostHops: number;
  /**
   * Runs equally many hops of each stream, and moves their states on. No stream comes twice.
   * @param parts one per stream, as many as the largest of `batchSizes` at most; only single hops come in batches of more
   *   than one
   * @returns for each part what went wrong with it alone
   */
  run(parts: readonly RunPart[]): Promise<readonly (Error | undefined)[]>;
}

/** Audio of one stream for one run. */
export interface RunPart {
  /** Row of the stream's state. */
  row: number;
  /** Whole hops. */
  input: Float32Array;
  /** Where the clean samples go; `undefined` when only the state is to go on. */
  output: Float32Array | undefined;
}

/** What a job gives back. */
export interface JobResult {
  /** Clean samples; none where they were not wanted. */
  clean: Float32Array<ArrayBuffer>;
  milliseconds: number;
}

interface Job {
  audio: Float32Array;
  /** One hop at a time, together with other streams. */
  isLive: boolean;
  /** Samples that are done. */
  done: number;
  output: Float32Array<ArrayBuffer> | undefined;
  /** The job's share of the time of its runs. */
  milliseconds: number;
  resolve(result: JobResult): void;
  reject(error: unknown): void;
}

interface Stream {
  row: number;
  /** What is to be done, in order: audio, and changes of the state between pieces of audio. */
  tasks: (Job | (() => void))[];
}

/**
 * Decides which hops of which streams run next on one thread.
 *
 * Jobs of one hop, and those that say so, are live audio: those that are ready together run together, in turn, with at most
 * one hop of a stream in a batch. Longer jobs are files: they run alone, `mostHops` at a time, in turn as well, and every such piece is followed by the
 * live hops that came meanwhile. So a live hop waits for at most one run of live audio and one piece, and a file is never
 * starved. How a job is cut depends on the job alone, and so do its results.
 */
export class HopScheduler {
  readonly #streams = new Map<number, Stream>();
  /** Streams whose next job is one hop, and those whose next job is longer, in the order of their turns. */
  #live: Stream[] = [];
  #long: Stream[] = [];
  #working = false;
  #stopped: Error | undefined;

  /**
   * @param defer begins the work once what came with the first hop has been added too. Default: when the message that brought
   *   it has been read
   */
  constructor(
    private readonly runner: HopRunner,
    private readonly defer: (work: () => void) => void = queueMicrotask,
  ) {}

  /** Adds a stream whose state is in `row`. */
  open(id: number, row: number): void {
    this.#streams.set(id, { row, tasks: [] });
  }

  /** Does something with the row of a stream once all audio that came before is done; at once when there is none. */
  whenDone(id: number, change: (row: number) => void): void {
    const stream = this.#stream(id);
    this.#add(stream, () => change(stream.row));
  }

  /** Forgets a stream when its audio is done, and says which row is free. */
  close(id: number, free: (row: number) => void): void {
    this.whenDone(id, free);
    this.#streams.delete(id);
  }

  /**
   * Runs audio through a stream.
   * @param audio whole hops
   * @param wanted false: only the state goes on
   * @param hopByHop true: run as live audio is, however long
   */
  run(id: number, audio: Float32Array, wanted: boolean, hopByHop = false): Promise<JobResult> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const stream = this.#stream(id);
    return new Promise((resolve, reject) => {
      const output = wanted ? new Float32Array(audio.length) : undefined;
      const isLive = hopByHop || audio.length === this.runner.hop;
      this.#add(stream, { audio, isLive, done: 0, output, milliseconds: 0, resolve, reject });
    });
  }

  /** Gives up everything but the run under way. */
  stop(error: Error): void {
    this.#stopped = error;
    for (const stream of [...this.#live.splice(0), ...this.#long.splice(0)]) rejectAll(stream, error);
  }

  #stream(id: number): Stream {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw new Error(`stream ${id} is closed`);
    return stream;
  }

  #add(stream: Stream, task: Job | (() => void)): void {
    stream.tasks.push(task);
    if (stream.tasks.length > 1) return;
    this.#enqueue(stream);
    if (this.#working || this.#live.length + this.#long.length === 0) return;
    this.#working = true;
    this.defer(() => void this.#work());
  }

  /** Makes the changes that are next, and puts the stream in line for its next audio. */
  #enqueue(stream: Stream): void {
    const { tasks } = stream;
    for (let task = tasks[0]; typeof task === 'function'; task = tasks[0]) {
      task();
      tasks.shift();
    }
    const job = tasks[0] as Job | undefined;
    if (job === undefined) return;
    (job.isLive ? this.#live : this.#long).push(stream);
  }

  async #work(): Promise<void> {
    while (this.#live.length + this.#long.length > 0) {
      await this.#runNext(this.#live.splice(0, this.#batchSize()), 1);
      await this.#runNext(this.#long.splice(0, 1), this.runner.mostHops);
    }
    this.#working = false;
  }

  /** The largest batch that the live hops fill, or nearly fill. */
  #batchSize(): number {
    return this.runner.batchSizes.findLast((size) => LEAST_FILLED * size <= this.#live.length) ?? 0;
  }

  async #runNext(streams: readonly Stream[], mostHops: number): Promise<void> {
    if (streams.length === 0) return;
    const jobs = streams.map(({ tasks }) => tasks[0] as Job);
    const parts = jobs.map(({ audio, output, done }, i) => {
      const end = Math.min(done + mostHops * this.runner.hop, audio.length);
      return { row: streams[i].row, input: audio.subarray(done, end), output: output?.subarray(done, end) };
    });
    const started = performance.now();
    try {
      const failures = await this.runner.run(parts);
      const milliseconds = (performance.now() - started) / jobs.length;
      jobs.forEach((job, i) => {
        job.done += parts[i].input.length;
        job.milliseconds += milliseconds;
        const failure = failures[i];
        if (failure !== undefined) fail(job, failure);
        else if (job.done === job.audio.length)
          job.resolve({ clean: job.output ?? new Float32Array(0), milliseconds: job.milliseconds });
      });
    } catch (error) {
      for (const job of jobs) fail(job, error);
    }
    jobs.forEach((job, i) => {
      if (job.done === job.audio.length) streams[i].tasks.shift();
      if (this.#stopped === undefined) this.#enqueue(streams[i]);
      else rejectAll(streams[i], this.#stopped);
    });
  }
}

/** Ends a job early. */
function fail(job: Job, error: unknown): void {
  job.done = job.audio.length;
  job.reject(error);
}

function rejectAll({ tasks }: Stream, error: Error): void {
  for (const task of tasks) if (typeof task !== 'function') task.reject(error);
}
