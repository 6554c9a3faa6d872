import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';

/** Where bytes go: in order, and on files also back to an earlier position. */
export interface ByteTarget {
  /** Appends; `bytes` may be used again once the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes already written; absent on pipes. */
  patch?(position: number, bytes: Uint8Array): Promise<void>;
}

/** A regular file, written from its start. */
export function fileTarget(file: FileHandle): ByteTarget {
  let end = 0;
  const writeAt = async (bytes: Uint8Array, position: number) => {
    // A full disk may take part of a write before it refuses the next.
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    }
  };
  return {
    async write(bytes) {
      await writeAt(bytes, end);
      end += bytes.length;
    },
    patch: (position, bytes) => writeAt(bytes, position),
  };
}

/** A device or named pipe takes bytes in order and has no position. */
export function deviceTarget(file: FileHandle): ByteTarget {
  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length; ) {
        done += (await file.write(bytes, done, bytes.length - done, null)).bytesWritten;
      }
    },
  };
}

/** A stream such as `process.stdout`; each write waits until the stream has passed it on. */
export function streamTarget(stream: Writable): ByteTarget {
  // A reader that goes away is reported by the write; the event of the same error must not end the program.
  stream.on('error', () => {});
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
  };
}
