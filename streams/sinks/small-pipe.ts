import { Socket } from 'node:net';
import koffi from 'koffi';

/** A pipe to a child process that holds little, and whose content can be measured. */
export interface SmallPipe {
  /** Descriptor for the child's input; close it here once the child has it. */
  readEnd: number;
  /** Where this process writes. */
  writer: Socket;
  /** Bytes in the kernel that the child has not read yet. */
  unread(): number;
}

/** Numbers of Linux (fcntl.h, ioctls.h), the same on x64 and arm64. */
const F_SETPIPE_SZ = 1031;
const FIONREAD = 0x541b;
const O_CLOEXEC = 0o2000000;

/**
 * A pipe of `bytes` (rounded up to a page) instead of the 64 KiB to 200 KiB that Node's own hold, which are seconds of
 * audio. `undefined` where the system is not Linux with glibc.
 */
export function createSmallPipe(bytes: number): SmallPipe | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const libc = koffi.load('libc.so.6');
    const pipe = libc.func('int pipe2(_Out_ int *ends, int flags)');
    const resize = libc.func('int fcntl(int fd, int command, int value)');
    const unreadBytes = libc.func('int ioctl(int fd, unsigned long request, _Out_ int *value)');
    const ends = new Int32Array(2);
    if (pipe(ends, O_CLOEXEC) !== 0) return undefined;
    const [readEnd, writeEnd] = ends as unknown as [number, number];
    resize(writeEnd, F_SETPIPE_SZ, bytes);
    const value = new Int32Array(1);
    const writer = new Socket({ fd: writeEnd, readable: false, writable: true });
    return {
      readEnd,
      writer,
      unread: () => (writer.destroyed || unreadBytes(writeEnd, FIONREAD, value) !== 0 ? 0 : value[0]!),
    };
  } catch {
    return undefined;
  }
}
