import { join } from 'node:path';
import { ClipRecording } from './clip-recording.js';
import type { LiveSession } from './live-session.js';

/** Records what is heard into a WAV file, begun and ended while the session runs: by a key, or from a page. */
export class Recorder {
  #clip: ClipRecording | undefined;

  /** @param folder Where recordings go. */
  constructor(
    private readonly session: LiveSession,
    private readonly folder = '.',
  ) {}

  /** The file that is being recorded to. */
  get path(): string | undefined {
    return this.#clip?.path;
  }

  /** Begins, if it has not. @returns the file. @throws OutputError where no file can be made */
  async start(): Promise<string> {
    if (this.#clip !== undefined) return this.#clip.path;
    const name = `denoise-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.wav`;
    let failure: unknown;
    // A full disk ends the recording, not the reception.
    const clip = new ClipRecording(this.session, join(this.folder, name), (error) => {
      failure = error;
      void this.end();
    });
    this.#clip = clip;
    await clip.opened;
    if (failure !== undefined) throw failure;
    return clip.path;
  }

  /** Ends, and waits until the file is complete. */
  async end(): Promise<void> {
    const clip = this.#clip;
    this.#clip = undefined;
    await clip?.end();
  }
}
