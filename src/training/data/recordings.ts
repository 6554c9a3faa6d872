import { DenoiseError } from '../../errors.js';
import type { ClipLibrary, LibraryReport } from './library.js';
import type { ClipPairs } from './pairs.js';

/** A folder of recordings, or two whose files belong together, to be held at one sample rate. */
export type RecordingsSource =
  | { kind: 'clips'; folder: string; sampleRate: number; minimumSeconds?: number }
  | { kind: 'pairs'; noisy: string; clean: string; sampleRate: number };

/** Decoded recordings. Their samples lie in shared memory: posted to a thread they are not copied. */
export type Recordings =
  | { kind: 'clips'; library: ClipLibrary; report: LibraryReport }
  | { kind: 'pairs'; pairs: ClipPairs; report: LibraryReport };

/** The one library of recordings that were opened as `clips`. */
export function libraryOf(recordings: Recordings): ClipLibrary {
  if (recordings.kind === 'clips') return recordings.library;
  throw new DenoiseError('E_UNEXPECTED', 'Pairs were given where one library was asked for.');
}

/** The pairs of recordings that were opened as `pairs`. */
export function pairsOf(recordings: Recordings): ClipPairs {
  if (recordings.kind === 'pairs') return recordings.pairs;
  throw new DenoiseError('E_UNEXPECTED', 'One library was given where pairs were asked for.');
}
