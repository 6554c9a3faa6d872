/**
 * The one error tree of the project. Every error a user can meet is a {@link DenoiseError}: a stable `code` for
 * programs, a sentence that says what happened and why, and a `hint` that says what to do.
 */
import { systemErrorWords } from './system-errors.js';

/** Exit code of the command line for each kind of error: 1 failed, 2 wrong usage. */
export type ExitCode = 1 | 2;

export interface DenoiseErrorOptions {
  /** What the user can do about it; one sentence. */
  hint?: string;
  /** The error underneath, kept for `--json` and for debugging. */
  cause?: unknown;
}

/** Base of every error thrown on purpose. `code` is stable across versions; `message` is not. */
export class DenoiseError extends Error {
  override readonly name: string = 'DenoiseError';
  readonly hint: string | undefined;
  readonly exitCode: ExitCode = 1;

  constructor(
    readonly code: string,
    message: string,
    options: DenoiseErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }

  /** `{code, message, hint}`, as printed by `--json`. */
  toJSON(): { code: string; message: string; hint?: string } {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** The command line or an option is wrong; nothing was done. */
export class UsageError extends DenoiseError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** A file or stream does not hold what it should: truncated, corrupt, not audio, NaN samples. */
export class InputError extends DenoiseError {
  override readonly name = 'InputError';
}

/** Output could not be written: no space, no permission, same file as the input. */
export class OutputError extends DenoiseError {
  override readonly name = 'OutputError';
}

/** A model graph is ill-formed: shapes that do not meet, an operator used outside its domain. */
export class GraphError extends DenoiseError {
  override readonly name = 'GraphError';
}

/** A checkpoint is missing, corrupt, or does not fit the contract. */
export class ModelError extends DenoiseError {
  override readonly name = 'ModelError';
}

/** A device (processor, radio, sound card) is absent, busy, or refused what was asked. */
export class DeviceError extends DenoiseError {
  override readonly name = 'DeviceError';
}

/** Training cannot go on: no data, diverged beyond repair, a run folder that cannot be resumed. */
export class TrainingError extends DenoiseError {
  override readonly name = 'TrainingError';
}

/** Any thrown value as a {@link DenoiseError}; system errors (`ENOENT`, `EACCES`, `ENOSPC`, …) get a plain sentence. */
export function toDenoiseError(error: unknown, doing: string): DenoiseError {
  if (error instanceof DenoiseError) return error;
  const words = systemErrorWords(error, 'reading');
  if (words === undefined) {
    const message = error instanceof Error ? error.message : String(error);
    return new DenoiseError('E_UNEXPECTED', `${doing}: ${message}`, { cause: error });
  }
  const { path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? '' : ` (${path})`;
  const { code, why, hint, isOutput } = words;
  const message = `${doing}: ${why}${where}.`;
  return isOutput
    ? new OutputError(code, message, { hint, cause: error })
    : new InputError(code, message, { hint, cause: error });
}
