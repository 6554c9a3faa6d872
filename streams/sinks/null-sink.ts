import { AudioSink } from './audio-sink.js';

/** Takes everything, keeps nothing; counts. */
export class NullSink extends AudioSink {
  protected async consume(): Promise<void> {}
}
