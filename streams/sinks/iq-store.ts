import type { IqChunk } from '../sources/iq-chunk.js';

/** A kind of file for radio samples. All chunks have one rate and one format. */
export interface IqStore {
  /** The file of samples; the first of several. */
  readonly path: string;
  write(chunk: IqChunk): Promise<void>;
  close(): Promise<void>;
}
