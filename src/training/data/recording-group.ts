import { posix } from 'node:path';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
/** ESC-50 and ESC-10: fold-recording-take, where the takes A, B, C are cut from one recording. */
const ESC_CLIP = /(?:^|_)(\d-\d+)-[A-Z](?:-\d+)?$/;
const TRAILING_NUMBER = /[-_. ]+\d+$/;

/**
 * Which speaker or source recording a file belongs to, from its name: files of one group never stand on both sides
 * of a train/validation split. The group is the parent folder and the name without its running numbers
 * (`speaker0001_000010122` → `speaker0001`, `1089-134686-0000` → `1089`, `p225_001` → `p225`); ESC clips of one
 * source recording (`1-17808-A`, `1-17808-B`) stay together. A random identifier (UUID) hides who speaks: `null`.
 *
 * @param name path relative to the library's folder, with `/`
 */
export function recordingGroup(name: string): string | null {
  const folder = posix.dirname(name);
  const stem = posix.basename(name, posix.extname(name));
  if (UUID.test(stem)) return null;
  const esc = ESC_CLIP.exec(stem);
  if (esc !== null) return `${folder}/${esc[1]}`;
  let prefix = stem;
  while (TRAILING_NUMBER.test(prefix)) prefix = prefix.replace(TRAILING_NUMBER, '');
  return `${folder}/${prefix}`;
}
