/**
 * Errors across threads. Structured cloning keeps neither the class of an error nor fields such as `code` and `hint`, so
 * errors are taken apart before they are posted and put together again on the other side.
 */
import * as tree from '../errors.js';

/** An error as plain data. */
export interface PackedError {
  name: string;
  message: string;
  stack: string | undefined;
  code: string | undefined;
  hint: string | undefined;
  /** What else a system error says: `errno`, `syscall`, `path`. */
  details: Readonly<Record<string, string | number>>;
  cause: PackedError | undefined;
}

const DETAILS = ['errno', 'syscall', 'path', 'dest'] as const;

/** Deeper chains of causes are cut: they may go in a circle. */
const MOST_CAUSES = 8;

type ErrorClass = new (code: string, message: string, options: tree.DenoiseErrorOptions) => tree.DenoiseError;

/** Takes any thrown value apart; what is not an `Error` becomes one that says it. */
export function packError(thrown: unknown, depth = 0): PackedError {
  const error = (thrown instanceof Error ? thrown : new Error(String(thrown))) as NodeJS.ErrnoException;
  const known = DETAILS.flatMap((key) =>
    error[key as 'path'] === undefined ? [] : [[key, error[key as 'path']]],
  );
  const { cause } = error;
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: error.code,
    hint: error instanceof tree.DenoiseError ? error.hint : undefined,
    details: Object.fromEntries(known),
    cause: cause === undefined || depth === MOST_CAUSES ? undefined : packError(cause, depth + 1),
  };
}

/** The error as it left: those of the {@link tree.DenoiseError} tree in their class, others with name, code and stack. */
export function unpackError({
  name,
  message,
  stack,
  code,
  hint,
  details,
  cause: packed,
}: PackedError): Error {
  const cause = packed && unpackError(packed);
  const known = (tree as Partial<Record<string, unknown>>)[name] as ErrorClass | undefined;
  const error =
    known !== undefined && code !== undefined
      ? new known(code, message, { hint, cause })
      : Object.assign(
          new Error(message, cause && { cause }),
          { name },
          code === undefined ? {} : { code },
          details,
        );
  error.stack = stack;
  return error;
}
