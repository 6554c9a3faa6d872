import { DenoiseError, OutputError, toDenoiseError } from '../errors.js';

/** An error met while writing, as an {@link OutputError} with a plain sentence. */
export function toOutputError(error: unknown, name: string): DenoiseError {
  if (error instanceof DenoiseError) return error;
  const cause = error as NodeJS.ErrnoException;
  const refuse = (code: string, why: string, hint: string) =>
    new OutputError(code, `Cannot write ${name}: ${why}.`, { hint, cause });
  switch (cause?.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return refuse('E_NO_FOLDER', 'its folder does not exist', 'Create the folder first.');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return refuse('E_PERMISSION', 'permission denied', 'Write to another folder with -o.');
    case 'ENOSPC':
    case 'EDQUOT':
      return refuse(
        'E_NO_SPACE',
        'no space left on the device',
        'Free some space, or write to another disk with -o.',
      );
    case 'EFBIG':
      return refuse(
        'E_TOO_LARGE',
        'the file system does not take files that large',
        'Write to another disk with -o.',
      );
    case 'EISDIR':
      return refuse('E_IS_FOLDER', 'it is a folder', 'Name a file in it.');
    case 'EPIPE':
    case 'ERR_STREAM_DESTROYED':
      return refuse('E_PIPE_CLOSED', 'the program that read it has gone', 'Look at what that program said.');
    default:
      return toDenoiseError(error, `Cannot write ${name}`);
  }
}
