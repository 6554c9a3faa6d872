import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { AtomicFile } from '../../src/files/atomic-file.js';
import { type ByteTarget, streamTarget } from '../../src/files/byte-target.js';
import { toOutputError } from '../../src/files/output-error.js';
import type { RecordingSink } from './recording-sink.js';

/**
 * A sink that copies the input file byte for byte, and ignores the samples: 32-bit integers and doubles would lose their
 * last bits in single precision.
 */
export class ByteCopy implements RecordingSink {
  readonly clipped = 0;

  private constructor(
    private readonly source: string,
    private readonly name: string,
    private readonly target: ByteTarget,
    private readonly file: AtomicFile | undefined,
  ) {}

  /** @throws OutputError where the destination cannot be created or is the source itself. */
  static async create(source: string, destination: string | Writable): Promise<ByteCopy> {
    if (typeof destination !== 'string') {
      return new ByteCopy(source, 'the output stream', streamTarget(destination), undefined);
    }
    const file = await AtomicFile.create(destination, [source]);
    return new ByteCopy(source, destination, file.target, file);
  }

  async write(): Promise<void> {}

  async commit(): Promise<void> {
    try {
      for await (const bytes of createReadStream(this.source)) await this.target.write(bytes as Buffer);
      await this.file?.commit();
    } catch (error) {
      await this.abort();
      throw toOutputError(error, this.name);
    }
  }

  async abort(): Promise<void> {
    await this.file?.abort();
  }
}
