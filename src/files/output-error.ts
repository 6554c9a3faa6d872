import { DenoiseError, OutputError, toDenoiseError } from '../errors.js';
import { systemErrorWords } from '../system-errors.js';

/**
 * An error met while writing, as an {@link OutputError} with a plain sentence.
 *
 * @param name what was being written
 * @param consequence what that means for what was there before, such as `the previous version is intact`
 */
export function toOutputError(error: unknown, name: string, consequence?: string): DenoiseError {
  if (error instanceof DenoiseError) return error;
  const words = systemErrorWords(error, 'writing');
  if (words === undefined) return toDenoiseError(error, `Cannot write ${name}`);
  const { code, why, hint } = words;
  const rest = consequence === undefined ? '' : `; ${consequence}`;
  return new OutputError(code, `Cannot write ${name}: ${why}${rest}.`, { hint, cause: error });
}
