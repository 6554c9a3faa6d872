import { extname } from 'node:path';

/** `talk.wav` → `talk-0003.wav`. */
export function numberedPath(path: string, number: number): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${String(number).padStart(4, '0')}${extension}`;
}

/** Parts that are looked through for a free name. */
export const MOST_PARTS = 9999;
