import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { toOutputError } from '../../../files/output-error.js';
import { writeFully } from '../../../files/write-fully.js';
import { encodeEvent, frameRecord, type TensorBoardEvent } from './event.js';

/** A TensorBoard event file: point `tensorboard --logdir` at the run folder, or at the folder of all runs. */
export class EventFile {
  readonly path: string;
  readonly #file: number;

  /**
   * Starts a new file in `folder`; TensorBoard reads all files of a folder in the order of their names.
   * @param firstStep step the run starts or resumes from; what older files logged at or after it is dropped by the reader
   * @param now seconds since 1970
   * @throws OutputError when the file cannot be created
   */
  constructor(folder: string, firstStep: number, now = Date.now() / 1000) {
    const stem = join(folder, `events.out.tfevents.${String(Math.floor(now)).padStart(10, '0')}.denoise`);
    let number = 0;
    while (existsSync(`${stem}.${number}`)) number++;
    this.path = `${stem}.${number}`;
    try {
      this.#file = openSync(this.path, 'ax', 0o644);
    } catch (error) {
      throw toOutputError(error, this.path, 'TensorBoard will not see this run');
    }
    this.#write({ wallTime: now, fileVersion: 'brain.Event:2' });
    this.#write({ wallTime: now, step: firstStep, sessionStart: true });
  }

  /** @throws OutputError `E_NO_SPACE` */
  scalars(step: number, scalars: Readonly<Record<string, number>>, now = Date.now() / 1000): void {
    this.#write({ wallTime: now, step, scalars });
  }

  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(event: TensorBoardEvent): void {
    try {
      writeFully(this.#file, frameRecord(encodeEvent(event)));
    } catch (error) {
      throw toOutputError(error, this.path, 'the events before it are intact');
    }
  }
}
