import { type FileHandle, open } from 'node:fs/promises';
import { Transform, type TransformCallback } from 'node:stream';
import { OutputError } from '../../src/errors.js';
import { writeFileAtomically } from '../../src/files/atomic-file.js';
import { type ByteTarget, fileTarget } from '../../src/files/byte-target.js';
import { toOutputError } from '../../src/files/output-error.js';
import { packageVersion } from '../../src/package-root.js';
import type { IqChunk, IqFormat } from '../sources/iq-chunk.js';

export interface IqRecordingOptions {
  /** Replaces files that are there; default false: refuses. */
  overwrite?: boolean;
}

interface Capture {
  'core:sample_start': number;
  'core:frequency': number;
  'core:datetime': string;
  /** Samples of the source before it, lost ones counted. */
  'core:global_index': number;
}

const DATATYPE: Readonly<Record<IqFormat, string>> = {
  cu8: 'cu8',
  cs8: 'ci8',
  cs16: 'ci16_le',
  cf32: 'cf32_le',
};
const SIGMF_VERSION = '1.2.0';
const ENDING = /\.sigmf(-data|-meta)?$/;

/** The two files of a SigMF recording, named by either of them or by what they have in common. */
export function sigmfPaths(path: string): { data: string; meta: string } {
  const stem = path.replace(ENDING, '');
  return { data: `${stem}.sigmf-data`, meta: `${stem}.sigmf-meta` };
}

/**
 * Records the radio samples that pass, as they come, to SigMF 1.2: `NAME.sigmf-data` and `NAME.sigmf-meta`. Where samples were
 * lost or the source was tuned elsewhere, another capture begins. The description is written with the first sample and whenever a
 * capture begins, so that a recording that is cut off can be read. Holds the source back while the disk is busy; what a live
 * source drops meanwhile it counts.
 */
export class IqRecording extends Transform {
  readonly path: string;
  #file: FileHandle | undefined;
  readonly #target: ByteTarget;
  readonly #captures: Capture[] = [];
  #samples = 0;
  #first: { format: IqFormat; sampleRate: number } | undefined;

  private constructor(
    private readonly paths: { data: string; meta: string },
    file: FileHandle,
  ) {
    super({ objectMode: true, readableHighWaterMark: 2, writableHighWaterMark: 2 });
    this.path = paths.data;
    this.#file = file;
    this.#target = fileTarget(file);
  }

  /**
   * Creates the file of samples.
   *
   * @param path `NAME.sigmf-data`, `NAME.sigmf-meta` or `NAME.sigmf`
   * @throws OutputError when it cannot be created, or is there already (`E_EXISTS`)
   */
  static async open(path: string, { overwrite = false }: IqRecordingOptions = {}): Promise<IqRecording> {
    const paths = sigmfPaths(path);
    try {
      return new IqRecording(paths, await open(paths.data, overwrite ? 'w' : 'wx'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new OutputError('E_EXISTS', `${paths.data} exists already.`, {
          hint: 'Choose another name, or allow to overwrite it (--force).',
        });
      throw toOutputError(error, paths.data);
    }
  }

  override _transform(chunk: IqChunk, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#record(chunk).then(
      () => done(null, chunk),
      (error: unknown) => done(toOutputError(error, this.path)),
    );
  }

  async #record(chunk: IqChunk): Promise<void> {
    const { samples, format, sampleRate } = chunk;
    this.#first ??= { format, sampleRate };
    if (this.#first.format !== format || this.#first.sampleRate !== sampleRate)
      throw new OutputError(
        'E_IQ_FORMAT',
        `${this.path}: the source changed to ${sampleRate} Hz, ${format}.`,
        {
          hint: 'A recording has one rate and one format: begin another one.',
        },
      );
    this.#noteCapture(chunk);
    await this.#target.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    this.#samples += samples.length / 2;
  }

  #noteCapture({ centreHz, firstSample, discontinuity }: IqChunk): void {
    const last = this.#captures.at(-1);
    if (last !== undefined && last['core:frequency'] === centreHz && discontinuity === undefined) return;
    this.#captures.push({
      'core:sample_start': this.#samples,
      'core:frequency': centreHz,
      'core:datetime': new Date().toISOString(),
      'core:global_index': Number(firstSample),
    });
    this.#describe();
  }

  #describe(): void {
    const { format, sampleRate } = this.#first!;
    const global = {
      'core:datatype': DATATYPE[format],
      'core:sample_rate': sampleRate,
      'core:version': SIGMF_VERSION,
      'core:recorder': `denoise ${packageVersion()}`,
    };
    const meta = { global, captures: this.#captures, annotations: [] };
    writeFileAtomically(this.paths.meta, `${JSON.stringify(meta, undefined, 2)}\n`);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const file = this.#file;
    this.#file = undefined;
    Promise.resolve(file?.close()).then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    );
  }
}
