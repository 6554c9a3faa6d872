import type { Recordings } from '../../training/data/recordings.js';
import type { RunResult } from '../../training/run/run-options.js';
import { openData } from '../../training/run/training-run.js';
import { type ThreadRunOptions, TrainingThread } from '../../training/run/training-thread.js';
import { type TrainingJob, taskByName } from '../../training/tasks/tasks.js';

type OpenedData = Awaited<ReturnType<typeof openData>>;

/**
 * What the trials of a study share: recordings, decoded once, and training threads, started once per trial that runs at
 * the same time. 864 trials on a corpus of 1600 files would otherwise look at each file 864 times.
 */
export class TrainingPool {
  readonly #opened = new Map<string, Promise<OpenedData>>();
  readonly #idle: TrainingThread[] = [];

  /**
   * The recordings of a job. They stay open until {@link close}.
   * @throws TrainingError `E_NO_AUDIO`; the signal's reason
   */
  async open(job: TrainingJob, signal?: AbortSignal): Promise<Readonly<Record<string, Recordings>>> {
    const key = JSON.stringify(await taskByName(job.task).recordings(job));
    let opened = this.#opened.get(key);
    if (opened === undefined) {
      opened = openData(job, { signal });
      this.#opened.set(key, opened);
      // Recordings that could not be read may be there when the next trial asks.
      opened.catch(() => this.#opened.delete(key));
    }
    return (await opened).data;
  }

  /** As {@link TrainingThread.run}, in a thread that is free or a new one. */
  async run(job: TrainingJob, options: Omit<ThreadRunOptions, 'data'>): Promise<RunResult> {
    const data = await this.open(job, options.signal);
    const thread = this.#idle.pop() ?? new TrainingThread();
    let result: RunResult;
    try {
      result = await thread.run(job, { ...options, data });
    } catch (error) {
      // It may be the thread that broke.
      await thread.close();
      throw error;
    }
    this.#idle.push(thread);
    return result;
  }

  /** Gives the recordings back and ends the threads. No run may be under way. */
  async close(): Promise<void> {
    for (const thread of this.#idle.splice(0)) await thread.close();
    for (const opened of this.#opened.values()) await opened.then(({ release }) => release()).catch(() => {});
    this.#opened.clear();
  }
}
