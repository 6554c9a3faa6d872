import { once } from 'node:events';
import { InputError } from '../../src/errors.js';
import type { AudioSink } from '../sinks/audio-sink.js';
import type { AudioSource, IqSource } from '../sources/chunk-source.js';

/**
 * What `opening` gives, unless `aborted` rejects before; what opens later than that is discarded at once.
 *
 * @throws what `opening` or `aborted` rejects with
 */
export async function openOrAbort<T>(
  opening: Promise<T>,
  aborted: Promise<never>,
  discard: (late: T) => void,
): Promise<T> {
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    void opening.then(discard, () => {});
    throw error;
  }
}

/** The sinks, unless the source fails before they are open: then it is that error, and they are closed as they come. */
export async function openSinksFor(
  source: AudioSource | IqSource,
  openSinks: () => Promise<AudioSink[]>,
): Promise<AudioSink[]> {
  // What it says after that must not end the program.
  source.on('error', () => {});
  if (source.destroyed) throw source.errored ?? new InputError('E_EMPTY', 'The source has ended already.');
  const abort = new AbortController();
  const gone = once(source, 'close', { signal: abort.signal }).then(() => {
    throw source.errored ?? new InputError('E_EMPTY', 'The source ended before it began.');
  });
  try {
    return await openOrAbort(openSinks(), gone, (sinks) => sinks.forEach((sink) => void sink.destroy()));
  } finally {
    abort.abort();
    gone.catch(() => {});
  }
}
