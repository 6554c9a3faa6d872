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

export type ReplayCorpus = Readonly<Record<keyof ReplayFolders, Recordings>>;

/** Opens a replay corpus at a sample rate, in a thread. Give it back with `release`. */
export async function openReplay(
  folders: ReplayFolders,
  sampleRate: number,
  signal?: AbortSignal,
): Promise<{ corpus: ReplayCorpus; release(): void }> {
  const handles: RecordingsHandle[] = [];
  const release = (): void => {
    for (const handle of handles) handle.release();
  };
  try {
    const corpus: Partial<Record<keyof ReplayFolders, Recordings>> = {};
    for (const [name, folder] of Object.entries(folders)) {
      const handle = await openRecordings({ kind: 'clips', folder, sampleRate }, { signal });
      handles.push(handle);
      corpus[name as keyof ReplayFolders] = handle.recordings;
    }
    return { corpus: corpus as ReplayCorpus, release };
  } catch (error) {
    release();
    throw error;
  }
}
