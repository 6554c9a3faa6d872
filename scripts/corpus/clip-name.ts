import { createHash } from 'node:crypto';

/** File names in which `denoise train` finds the voice again: what stands before the running number is the group. */
export function clipName(voice: string, number: number): string {
  const plain = voice.replaceAll(/[^A-Za-z0-9-]+/g, '_').replaceAll(/^_+|_+$/g, '');
  // A number at the end of the voice's own name would count as a running number.
  const guarded = /\d$/.test(plain) ? `${plain}v` : plain;
  return `${guarded}_${String(number).padStart(3, '0')}`;
}

/** A name by which `denoise train` sees that the speaker is unknown: a UUID, the same for the same path. */
export function anonymousName(path: string): string {
  const hash = createHash('md5').update(path).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
