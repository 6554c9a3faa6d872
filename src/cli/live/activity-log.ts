import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClipRecording } from '../../../streams/live/clip-recording.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import type { Activity, ScanChannel } from '../../../streams/live/scanner.js';
import { toDenoiseError } from '../../errors.js';
import { makeFolder } from '../../files/atomic-file.js';

/**
 * Keeps what a scan hears in a folder: a line of JSON for each activity in `activity.jsonl`, and the audio, denoised, in a
 * WAV file each. What cannot be written is told once; the scan goes on.
 */
export class ActivityLog {
  #clip: ClipRecording | undefined;
  #began = '';
  /** Settles when all files so far are complete. */
  #complete: Promise<unknown> = Promise.resolve();
  #hasFailed = false;

  /** @throws OutputError where the folder cannot be made */
  constructor(
    private readonly session: LiveSession,
    private readonly folder: string,
  ) {
    makeFolder(folder);
  }

  /** Somebody begins to talk. */
  begin({ name }: ScanChannel): void {
    this.#began = new Date().toISOString();
    const time = this.#began.slice(0, 23).replaceAll(':', '-').replace('.', '-');
    const safe = name.replaceAll(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 60);
    this.#clip = new ClipRecording(this.session, join(this.folder, `${time}-${safe}.wav`), (error) =>
      this.#failed(error),
    );
  }

  /** Nobody talks any more. @returns the file with the audio */
  end({ channel, seconds, snrDb }: Activity): string | null {
    const clip = this.#clip;
    if (clip === undefined) return null;
    this.#clip = undefined;
    this.#complete = Promise.all([this.#complete, clip.end()]);
    const { name, frequencyHz, mode } = channel;
    const line = { time: this.#began, channel: name, frequencyHz, mode };
    const measured = { seconds: Number(seconds.toFixed(2)), snrDb: Number(snrDb.toFixed(1)) };
    try {
      // One program writes it: an `AppendLog` would leave a lock file between a person's recordings.
      const text = JSON.stringify({ ...line, ...measured, file: clip.path });
      appendFileSync(join(this.folder, 'activity.jsonl'), `${text}\n`);
    } catch (error) {
      this.#failed(error);
    }
    return clip.path;
  }

  /** Waits until all files are complete. */
  async close(): Promise<void> {
    const clip = this.#clip;
    this.#clip = undefined;
    await Promise.all([this.#complete, clip?.end()]);
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const known = toDenoiseError(error, 'Logging activity');
    this.session.announce({ kind: 'output-failed', error: known.toJSON() });
  }
}
