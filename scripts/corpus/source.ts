/** Where a source comes from: a public repository on GitHub at a revision, or a package of Debian 12. */
export type SourceOrigin = { repository: string; revision: string } | { debian: string; version: string };

/** A source of recordings: what may be taken of it, under which licence, and who is heard. */
export interface CorpusSource {
  /** Folder name in the corpus. */
  name: string;
  kind: 'speech' | 'noise' | 'music' | 'room';
  origin: SourceOrigin;
  /** SPDX identifier, or in words; never non-commercial. */
  licence: string;
  /** The file or place in the source that says so. */
  licenceIn: string;
  /** Paths of the recordings in the source; the group `voice`, where there is one, names the speaker or kind. */
  files: RegExp;
  /** Only recordings whose path or file name stands in one of these text files of the source. */
  listedIn?: RegExp;
  /** BCP 47; speech only. With several, the group `language` of `files` tells. */
  language?: string;
  /** Speech synthesised by a program. Default false. */
  synthetic?: boolean;
  /** Recordings that stand out of their own noise by less are left out, dB. Default 28 for speech, none for the others. */
  minimumSnrDb?: number;
  /** Most of one voice, seconds. Default 1200. */
  secondsPerVoice?: number;
  /** Short recordings of a voice are joined until they are this long, seconds; 0 joins none. Default 9 for speech. */
  joinSeconds?: number;
  /** Voices or kinds that are never trained on. */
  heldOut?: RegExp;
}

/** A public repository on GitHub, `OWNER/NAME`, at a revision. */
export const on = (repository: string, revision: string): SourceOrigin => ({ repository, revision });

/** A package of Debian 12. */
export const debian = (name: string, version: string): SourceOrigin => ({ debian: name, version });
