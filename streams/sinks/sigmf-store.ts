import { type FileHandle, open } from 'node:fs/promises';
import { writeFileAtomically } from '../../src/files/atomic-file.js';
import { type ByteTarget, fileTarget } from '../../src/files/byte-target.js';
import { packageVersion } from '../../src/package-root.js';
import type { IqChunk, IqFormat } from '../sources/iq-chunk.js';
import type { IqStore } from './iq-store.js';

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
 * SigMF 1.2: `NAME.sigmf-data` and `NAME.sigmf-meta`. Where samples were lost or the source was tuned elsewhere, another capture
 * begins. The description is written with the first sample and whenever a capture begins, so that a recording that is cut off
 * can be read.
 */
export class SigmfStore implements IqStore {
  readonly path: string;
  readonly #target: ByteTarget;
  readonly #captures: Capture[] = [];
  #samples = 0;

  private constructor(
    private readonly paths: { data: string; meta: string },
    private readonly file: FileHandle,
  ) {
    this.path = paths.data;
    this.#target = fileTarget(file);
  }

  /** @param path `NAME.sigmf-data`, `NAME.sigmf-meta` or `NAME.sigmf`. @param flags `wx` for a new file, `w` to replace one */
  static async open(path: string, flags: 'w' | 'wx'): Promise<SigmfStore> {
    const paths = sigmfPaths(path);
    return new SigmfStore(paths, await open(paths.data, flags));
  }

  async write(chunk: IqChunk): Promise<void> {
    const { samples } = chunk;
    this.#noteCapture(chunk);
    await this.#target.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    this.#samples += samples.length / 2;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  #noteCapture({ centreHz, firstSample, discontinuity, format, sampleRate }: IqChunk): void {
    const last = this.#captures.at(-1);
    if (last !== undefined && last['core:frequency'] === centreHz && discontinuity === undefined) return;
    this.#captures.push({
      'core:sample_start': this.#samples,
      'core:frequency': centreHz,
      'core:datetime': new Date().toISOString(),
      'core:global_index': Number(firstSample),
    });
    this.#describe(format, sampleRate);
  }

  #describe(format: IqFormat, sampleRate: number): void {
    const global = {
      'core:datatype': DATATYPE[format],
      'core:sample_rate': sampleRate,
      'core:version': SIGMF_VERSION,
      'core:recorder': `denoise ${packageVersion()}`,
    };
    const meta = { global, captures: this.#captures, annotations: [] };
    writeFileAtomically(this.paths.meta, `${JSON.stringify(meta, undefined, 2)}\n`);
  }
}
