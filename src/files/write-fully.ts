import { writeSync } from 'node:fs';

/** Writes every byte, however many calls that takes: a disk that fills up takes part of a write before it refuses. */
export function writeFully(file: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}
