/** The one translation of what the operating system says (`ENOSPC`, `EACCES`, …) into a code, a reason and a remedy. */

export interface SystemErrorWords {
  /** Stable code of this program. */
  code: string;
  /** Why, as the end of a sentence. */
  why: string;
  /** What to do about it; one sentence. */
  hint: string;
  /** It is about writing, whatever was being done. */
  isOutput?: boolean;
}

const NO_SPACE: SystemErrorWords = {
  code: 'E_NO_SPACE',
  why: 'no space left on the device',
  hint: 'Free some space, or write to another disk.',
  isOutput: true,
};
const NOT_PERMITTED: SystemErrorWords = {
  code: 'E_PERMISSION',
  why: 'permission denied',
  hint: 'Check who may read and write there.',
};
const TOO_MANY_FILES: SystemErrorWords = {
  code: 'E_TOO_MANY_FILES',
  why: 'too many files are open',
  hint: 'Close other programs, or raise the limit (ulimit -n).',
};
const READER_GONE: SystemErrorWords = {
  code: 'E_PIPE_CLOSED',
  why: 'the program that read it has gone',
  hint: 'Read the output of that program.',
  isOutput: true,
};

const WORDS: Readonly<Record<string, SystemErrorWords>> = {
  ENOENT: { code: 'E_NOT_FOUND', why: 'there is no such file or folder', hint: 'Check the path.' },
  ENOTDIR: {
    code: 'E_NOT_FOUND',
    why: 'a part of the path is a file, not a folder',
    hint: 'Check the path.',
  },
  EISDIR: { code: 'E_IS_FOLDER', why: 'this is a folder, not a file', hint: 'Name a file in it.' },
  EACCES: NOT_PERMITTED,
  EPERM: NOT_PERMITTED,
  EROFS: {
    code: 'E_PERMISSION',
    why: 'the disk can only be read',
    hint: 'Write to another folder.',
    isOutput: true,
  },
  ENAMETOOLONG: {
    code: 'E_NAME_TOO_LONG',
    why: 'the name is too long for the file system',
    hint: 'Choose a shorter name.',
  },
  ELOOP: {
    code: 'E_LINK_LOOP',
    why: 'its symbolic links lead in a circle',
    hint: 'Name the file itself, or repair the link.',
  },
  ENOSPC: NO_SPACE,
  EDQUOT: { ...NO_SPACE, why: 'the quota of the disk is used up' },
  EFBIG: {
    code: 'E_TOO_LARGE',
    why: 'the file system does not take files that large',
    hint: 'Write to another disk.',
    isOutput: true,
  },
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  EBUSY: { code: 'E_BUSY', why: 'another program is using it', hint: 'Close that program and try again.' },
  EIO: {
    code: 'E_DISK',
    why: 'the disk reports an error',
    hint: 'Check the disk and its cable, then try again.',
  },
  EPIPE: READER_GONE,
  ERR_STREAM_DESTROYED: READER_GONE,
};

/** Where writing, the folder is what is missing. */
const WRITING_WORDS: Readonly<Record<string, SystemErrorWords>> = {
  ENOENT: { code: 'E_NO_FOLDER', why: 'its folder does not exist', hint: 'Create the folder first.' },
  ENOTDIR: {
    code: 'E_NO_FOLDER',
    why: 'a part of its path is a file, not a folder',
    hint: 'Check the path.',
  },
};

/** What to say of a system error; `undefined` for errors that are none, or unknown. */
export function systemErrorWords(error: unknown, doing: 'reading' | 'writing'): SystemErrorWords | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code !== 'string') return undefined;
  const table = doing === 'writing' ? { ...WORDS, ...WRITING_WORDS } : WORDS;
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
