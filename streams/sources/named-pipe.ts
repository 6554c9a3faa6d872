import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';

/**
 * The bytes of a named pipe. Waits for a writer without a thread that blocks in the system: such a one can not be
 * interrupted, and would hold up the end of the process, too, for as long as nobody writes.
 *
 * Destroy it to let go of the pipe.
 */
export function openNamedPipe(path: string): Readable {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // As long as there is a writer, be it this one, the pipe is not at its end.
  let placeholder: number | undefined = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const letGo = () => {
    if (placeholder !== undefined) closeSync(placeholder);
    placeholder = undefined;
  };
  const socket = new Socket({ fd: reader, readable: true, writable: false });
  const bytes = new PassThrough();
  socket.once('data', letGo);
  socket.once('close', letGo);
  socket.on('error', (error) => bytes.destroy(error));
  bytes.once('close', () => socket.destroy());
  return socket.pipe(bytes);
}
