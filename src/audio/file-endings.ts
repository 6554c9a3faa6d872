import { basename, extname } from 'node:path';
import { UsageError } from '../errors.js';

/** Kinds of files that can be written. */
export const OUTPUT_CONTAINERS = ['wav', 'flac', 'opus'] as const;

export type OutputContainer = (typeof OUTPUT_CONTAINERS)[number];

/** Videos, whose sound can be replaced. */
const VIDEO_ENDINGS: ReadonlySet<string> = new Set('.mp4 .m4v .mov .mkv .webm .avi'.split(' '));

const BY_ENDING: Readonly<Record<string, OutputContainer>> = {
  '.wav': 'wav',
  '.wave': 'wav',
  '.rf64': 'wav',
  '.bw64': 'wav',
  '.flac': 'flac',
  '.opus': 'opus',
};

/** Endings of the names of recordings that can be read, by which folders are searched. */
export const READABLE_ENDINGS: ReadonlySet<string> = new Set(
  '.wav .wave .rf64 .bw64 .w64 .flac .mp3 .mp2 .ogg .oga .opus .aif .aiff .aifc .caf .au .snd .m4a .m4b .aac .wma'.split(
    ' ',
  ),
);

/** What stands between the name of a recording and the ending of its result. */
const DENOISED = '.denoised';

/** Whether a name is that of a result: the program's own, unless someone else chose it. */
export function isDenoisedName(path: string): boolean {
  const ending = extname(path);
  const written = BY_ENDING[ending.toLowerCase()] !== undefined || VIDEO_ENDINGS.has(ending.toLowerCase());
  return written && basename(path, ending).toLowerCase().endsWith(DENOISED);
}

/**
 * The name of a recording's result: `talk.flac` → `talk.denoised.flac`.
 *
 * @param format default FLAC for FLAC, the same video for a video, WAV for all else
 */
export function denoisedName(path: string, format?: OutputContainer): string {
  const ending = extname(path);
  const kept = ending.toLowerCase() === '.flac' || VIDEO_ENDINGS.has(ending.toLowerCase());
  return `${basename(path, ending)}${DENOISED}${format === undefined && kept ? ending : `.${format ?? 'wav'}`}`;
}

/** Endings of audio files that cannot be written: a WAV under such a name would deceive. */
const FOREIGN_ENDINGS = new Set(
  '.mp3 .mp2 .m4a .m4b .aac .ogg .oga .wma .aif .aiff .aifc .caf .au .snd .w64 .mka .wv .ape'.split(' '),
);

/**
 * The kind of file that a name asks for by its ending; `video`: one whose picture is copied from the input.
 *
 * @returns `undefined` where it asks for nothing: other endings, none, `-`
 * @throws UsageError `E_OUTPUT_FORMAT` for audio files of kinds that cannot be written
 */
export function containerOfName(path: string): OutputContainer | 'video' | undefined {
  const ending = extname(path).toLowerCase();
  if (FOREIGN_ENDINGS.has(ending)) {
    const kinds = OUTPUT_CONTAINERS.map((kind) => kind.toUpperCase()).join(', ');
    throw new UsageError('E_OUTPUT_FORMAT', `${path}: files that end in ${ending} cannot be written.`, {
      hint: `What can: ${kinds}. Choose by the name, or with --format.`,
    });
  }
  return VIDEO_ENDINGS.has(ending) ? 'video' : BY_ENDING[ending];
}
