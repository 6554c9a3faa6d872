import { InputError, toDenoiseError } from '../errors.js';
import { openByteStream } from './byte-stream.js';

export interface ReadBoundedOptions {
  /** Reading ends with an error behind so many bytes. */
  maxBytes: number;
  /** Ends it at once; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/**
 * Everything that a file, pipe or device gives.
 *
 * @param what what the file is, for errors: `model`
 * @throws InputError `E_TOO_LARGE` for more than `maxBytes`, as an endless device gives; `E_NOT_FOUND` and its like
 */
export async function readBounded(
  path: string,
  what: string,
  { maxBytes, signal }: ReadBoundedOptions,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const blocks: Buffer[] = [];
  let length = 0;
  try {
    // Leaving the loop closes the stream.
    for await (const block of openByteStream(path, signal) as AsyncIterable<Buffer>) {
      length += block.length;
      if (length > maxBytes)
        throw new InputError(
          'E_TOO_LARGE',
          `${path} is larger than ${Math.floor(maxBytes / 1e6)} MB, which no ${what} is.`,
          { hint: `Name the ${what} itself.` },
        );
      blocks.push(block);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw toDenoiseError(error, `Cannot read the ${what} ${path}`);
  }
  return Buffer.concat(blocks);
}
