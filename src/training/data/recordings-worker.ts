/** The thread that decodes recordings: hours of them keep a processor busy for minutes. */
import { TrainingError } from '../../errors.js';
import type { CallContext } from '../../threads/protocol.js';
import { serveWorker } from '../../threads/serve.js';
import { loadLibrary } from './library.js';
import { loadPairs } from './pairs.js';
import type { Recordings, RecordingsSource } from './recordings.js';

interface ReadingProgress {
  /** Files read, of all. */
  done: number;
  total: number;
}

export interface RecordingsMethods {
  read(source: RecordingsSource, context: CallContext<ReadingProgress>): Promise<Recordings>;
}

serveWorker<RecordingsMethods>({
  async read(source, context) {
    const onProgress = (done: number, total: number): void => {
      if (context.aborted)
        throw new TrainingError('E_ABORTED', 'Nobody waits for these recordings any more.');
      context.progress({ done, total });
    };
    if (source.kind === 'clips')
      return { kind: 'clips', ...(await loadLibrary(source.folder, { ...source, onProgress })) };
    return { kind: 'pairs', ...(await loadPairs(source.noisy, source.clean, { ...source, onProgress })) };
  },
});
