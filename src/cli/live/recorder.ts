import { join } from 'node:path';
import type { LiveSession } from '../../../streams/live/live-session.js';
import { ClipRecording } from './clip-recording.js';

/** Records what is heard into a WAV file, begun and ended by a key. */
export class Recorder {
  #clip: ClipRecording | undefined;

  /** @param folder Where recordings go. */
  constructor(
    private readonly session: LiveSession,
    private readonly folder = '.',
  ) {}

  /** Begins or ends. @returns what to tell. @throws OutputError where no file can be made */
  async toggle(): Promise<string> {
    if (this.#clip !== undefined) {
      await this.end();
      return 'Recording ended.';
    }
    const name = `denoise-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.wav`;
    const path = join(this.folder, name);
    let failure: unknown;
    // A full disk ends the recording, not the reception.
    const clip = new ClipRecording(this.session, path, (error) => {
      failure = error;
      void this.end();
    });
    this.#clip = clip;
    await clip.opened;
    if (failure !== undefined) throw failure;
    return `Recording to ${path}.`;
  }

  /** Ends, and waits until the file is complete. */
  async end(): Promise<void> {
    const clip = this.#clip;
    this.#clip = undefined;
    await clip?.end();
  }
}
