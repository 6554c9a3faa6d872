import type { IqChunk } from '../sources/iq-chunk.js';
import type { IqStore } from './iq-store.js';
import { MOST_PARTS, numberedPath } from './numbered-path.js';
import { WavIqFile } from './wav-iq-file.js';

/**
 * WAV files of radio samples. They hold one centre frequency and no gaps: where the source was tuned elsewhere or samples were
 * lost, the recording goes on in another file, `NAME-0002.wav`; names that are taken are left out.
 */
export class WavIqStore implements IqStore {
  #part = 1;
  #centreHz: number | undefined;

  private constructor(
    readonly path: string,
    private readonly flags: 'w' | 'wx',
    private file: WavIqFile,
  ) {}

  static async open(path: string, flags: 'w' | 'wx'): Promise<WavIqStore> {
    return new WavIqStore(path, flags, await WavIqFile.open(path, flags));
  }

  async write(chunk: IqChunk): Promise<void> {
    const { centreHz, discontinuity } = chunk;
    const isFirst = this.#centreHz === undefined;
    if (!isFirst && (centreHz !== this.#centreHz || discontinuity !== undefined)) await this.#goOn();
    this.#centreHz = centreHz;
    await this.file.write(chunk);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  async #goOn(): Promise<void> {
    await this.file.close();
    for (;;) {
      this.#part++;
      try {
        this.file = await WavIqFile.open(numberedPath(this.path, this.#part), this.flags);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || this.#part >= MOST_PARTS) throw error;
      }
    }
  }
}
