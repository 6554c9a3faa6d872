import { basename, extname } from 'node:path';
import { UsageError } from '../errors.js';

/** Kinds of files that can be written. */
export const OUTPUT_CONTAINERS = ['wav', 'flac', 'opus'] as const;

export type OutputContainer = (typeof OUTPUT_CONTAINERS)[number];

/** Videos, whose audio can be replaced. */
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

/** What stands between the name of a recording and the ending of its result, unless somebody chooses otherwise. */
export const RESULT_SUFFIX = '.denoised';

/** The same for a result of only the beginning. */
export const PREVIEW_SUFFIX = '.preview';

/** Whether a name looks like that of a result. @param suffix one more that results have had */
export function isResultName(path: string, suffix = RESULT_SUFFIX): boolean {
  const ending = extname(path);
  const isWritten = BY_ENDING[ending.toLowerCase()] !== undefined || VIDEO_ENDINGS.has(ending.toLowerCase());
  const stem = basename(path, ending).toLowerCase();
  return isWritten && [RESULT_SUFFIX, PREVIEW_SUFFIX, suffix.toLowerCase()].some((one) => stem.endsWith(one));
}

/**
 * The ending of a recording's result.
 *
 * @param format default FLAC for FLAC, the same video for a video, WAV for all else
 */
export function resultEnding(path: string, format?: OutputContainer): string {
  const ending = extname(path);
  const isKept = ending.toLowerCase() === '.flac' || VIDEO_ENDINGS.has(ending.toLowerCase());
  return format === undefined && isKept ? ending : `.${format ?? 'wav'}`;
}

/** Endings of other audio files, pictures and documents: a WAV under such a name would deceive. */
const FOREIGN_ENDINGS = new Set(
  [
    '.mp3 .mp2 .m4a .m4b .aac .ogg .oga .wma .aif .aiff .aifc .caf .au .snd .w64 .mka .wv .ape',
    '.png .jpg .jpeg .gif .svg .webp .pdf .txt .json .csv .html .zip .onnx',
  ].flatMap((endings) => endings.split(' ')),
);

/**
 * The kind of file that a name asks for by its ending; `video`: one whose picture is copied from the input.
 *
 * @returns `undefined` where it asks for nothing: other endings, none, `-`
 * @throws UsageError `E_OUTPUT_FORMAT` for files of kinds that cannot be written
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
