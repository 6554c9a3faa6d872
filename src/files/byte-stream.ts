import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';

const STDIN_NAMES = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);

/**
 * The bytes of a file, a named pipe, or a device, as they come. Can be destroyed at any moment, also while a pipe has no
 * writer: a pipe opened the usual way would block a thread until one comes, and the process could not even exit.
 *
 * @param signal destroys it; reading then fails with an `AbortError`
 * @throws the system's error when it cannot be opened
 */
export function openByteStream(path: string, signal?: AbortSignal): Readable {
  const stream = open(path);
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}

function open(path: string): Readable {
  const isWindows = process.platform === 'win32';
  let file: number;
  try {
    file = openSync(path, isWindows ? 'r' : constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    // A program that starts this one may give it a socket for stdin, which cannot be opened by its name.
    if ((error as NodeJS.ErrnoException).code === 'ENXIO' && STDIN_NAMES.has(path)) return process.stdin;
    throw error;
  }
  try {
    const kind = fstatSync(file);
    if (kind.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    if (!kind.isFIFO()) return createReadStream('', { fd: file });
    return new Socket({ fd: file, readable: true, writable: false });
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
