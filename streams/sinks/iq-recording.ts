import { extname } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { OutputError } from '../../src/errors.js';
import { toOutputError } from '../../src/files/output-error.js';
import type { IqChunk, IqFormat } from '../sources/iq-chunk.js';
import type { IqStore } from './iq-store.js';
import { SigmfStore, sigmfPaths } from './sigmf-store.js';
import { WavIqStore } from './wav-iq-store.js';

export interface IqRecordingOptions {
  /** Replaces files that are there; default false: refuses. */
  overwrite?: boolean;
}

const isWav = (path: string): boolean => extname(path).toLowerCase() === '.wav';

/** The file of samples that a recording of this name has; the first of several. */
export const iqRecordingPath = (path: string): string => (isWav(path) ? path : sigmfPaths(path).data);

/**
 * Records the radio samples that pass, as they come: to SigMF, or to WAV where the name ends so. Holds the source back while the
 * disk is busy; what a live source drops meanwhile it counts.
 */
export class IqRecording extends Transform {
  #store: IqStore | undefined;
  #first: { format: IqFormat; sampleRate: number } | undefined;
  readonly path: string;

  private constructor(store: IqStore) {
    super({ objectMode: true, readableHighWaterMark: 2, writableHighWaterMark: 2 });
    this.#store = store;
    this.path = store.path;
  }

  /**
   * Creates the file of samples.
   *
   * @param path `NAME.wav`; or `NAME.sigmf-data`, `NAME.sigmf-meta`, `NAME.sigmf` or `NAME` for SigMF
   * @throws OutputError when it cannot be created, or is there already (`E_EXISTS`)
   */
  static async open(path: string, { overwrite = false }: IqRecordingOptions = {}): Promise<IqRecording> {
    const flags = overwrite ? 'w' : 'wx';
    const file = iqRecordingPath(path);
    try {
      return new IqRecording(
        isWav(path) ? await WavIqStore.open(path, flags) : await SigmfStore.open(path, flags),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new OutputError('E_EXISTS', `${file} exists already.`, {
          hint: 'Choose another name, or allow to overwrite it (--force).',
        });
      throw toOutputError(error, file);
    }
  }

  override _transform(chunk: IqChunk, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#record(chunk).then(
      () => done(null, chunk),
      (error: unknown) => done(toOutputError(error, this.path)),
    );
  }

  async #record(chunk: IqChunk): Promise<void> {
    const { format, sampleRate } = chunk;
    this.#first ??= { format, sampleRate };
    if (this.#first.format !== format || this.#first.sampleRate !== sampleRate)
      throw new OutputError(
        'E_IQ_FORMAT',
        `${this.path}: the source changed to ${sampleRate} Hz, ${format}.`,
        {
          hint: 'A recording has one rate and one format: begin another one.',
        },
      );
    await this.#store!.write(chunk);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const store = this.#store;
    this.#store = undefined;
    Promise.resolve(store?.close()).then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    );
  }
}
