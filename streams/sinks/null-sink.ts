import { ChunkSink } from './audio-sink.js';

/** Takes everything, keeps nothing; counts. */
export class NullSink extends ChunkSink {
  protected async consume(): Promise<void> {}
}
