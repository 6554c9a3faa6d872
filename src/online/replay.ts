import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { openRecordings, type RecordingsHandle } from '../training/data/open-recordings.js';
import type { Recordings } from '../training/data/recordings.js';

/** What a model hears beside the noise it is tuned to, and what it is judged on and never trained on. */
export interface ReplayFolders {
  speech: string;
  noise: string;
  gateSpeech: string;
  gateNoise: string;
}

/** The corpus that ships with the program: 22 minutes; `assets/replay/README.md` has its sources and licences. */
const SHIPPED = join(packageRoot, 'assets', 'replay');

/**
 * The folders of a replay corpus.
 * @param folder with `train/speech`, `train/noise`, `gate/speech` and `gate/noise` in it; default the one that ships
 * @throws InputError `E_REPLAY` where one of them is missing
 */
export function replayFolders(folder: string = SHIPPED): ReplayFolders {
  const at = (...names: string[]): string => {
    const path = join(folder, ...names);
    if (existsSync(path)) return path;
    throw new InputError('E_REPLAY', `The replay corpus ${folder} has no folder ${join(...names)}.`, {
      hint: 'It needs train/speech, train/noise, gate/speech and gate/noise with recordings in them.',
    });
  };
  return {
    speech: at('train', 'speech'),
    noise: at('train', 'noise'),
    gateSpeech: at('gate', 'speech'),
    gateNoise: at('gate', 'noise'),
  };
}

/** Recordings of several folders, by what they are for. */
export type Corpus<P extends string> = Readonly<Record<P, Recordings>>;

/** Opens the folders of a corpus at a sample rate, in a thread. Give them back with `release`. */
export async function openCorpus<P extends string>(
  folders: Readonly<Record<P, string>>,
  sampleRate: number,
  signal?: AbortSignal,
): Promise<{ corpus: Corpus<P>; release(): void }> {
  const handles: RecordingsHandle[] = [];
  const release = (): void => {
    for (const handle of handles) handle.release();
  };
  try {
    const corpus: Partial<Record<P, Recordings>> = {};
    for (const part of Object.keys(folders) as P[]) {
      const handle = await openRecordings({ kind: 'clips', folder: folders[part], sampleRate }, { signal });
      handles.push(handle);
      corpus[part] = handle.recordings;
    }
    return { corpus: corpus as Corpus<P>, release };
  } catch (error) {
    release();
    throw error;
  }
}
