import { ClipStore } from '../training/data/library.js';
import type { Recordings } from '../training/data/recordings.js';

/** Recordings as a training takes them, of samples that are in memory already. @param clips `[time]` by name */
export function clipsInMemory(sampleRate: number, clips: Readonly<Record<string, Float32Array>>): Recordings {
  const store = new ClipStore(sampleRate);
  for (const [name, samples] of Object.entries(clips)) store.add(name, samples);
  return { kind: 'clips', library: store.library, report: { ...store.summary(), skipped: [] } };
}
