import { hashText } from '../../random.js';
import type { Clip, ClipLibrary } from './library.js';

/** Any number: another one would keep other voices. */
const SEED = 0xbabb1e;

/**
 * Divides the voices of a library into those that speak and those that only babble. A voice stays where it is whatever
 * else the library holds. Where too few voices are known for a share of their own, all of them do both.
 *
 * @param share of the voices for babble, 0…0.5
 */
export function keepForBabble(
  library: ClipLibrary,
  share: number,
): { speech: ClipLibrary; babble: ClipLibrary } {
  const babbles = ({ group, name }: Clip) => hashText(group ?? name, SEED) < share * 2 ** 32;
  const babble = library.clips.filter(babbles);
  if (babble.length === 0 || babble.length === library.clips.length)
    return { speech: library, babble: library };
  const speech = library.clips.filter((clip) => !babbles(clip));
  return { speech: { ...library, clips: speech }, babble: { ...library, clips: babble } };
}
