import { join, resolve } from 'node:path';
import { TrainingError, toDenoiseError } from '../../errors.js';
import { Random } from '../../random.js';
import { ClipPicker, ClipPlayer } from './clip-player.js';
import { readMono } from './clip-reader.js';
import { audioFiles, type ClipLibrary, ClipStore, type LibraryReport, type SkippedFile } from './library.js';
import type { ExampleInfo } from './remix.js';

/** Recordings with noise and the same without: clip `i` of one belongs to clip `i` of the other, at equal length. */
export interface ClipPairs {
  noisy: ClipLibrary;
  clean: ClipLibrary;
}

export interface PairOptions {
  /** Rate to hold the recordings at, Hz. Default 16 000. */
  sampleRate?: number;
  /** Shorter recordings are left out, in seconds. Default 0.25. */
  minimumSeconds?: number;
  /** Called after each pair. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Reads two folders whose files match by name (path and name without extension). Files without a partner, unreadable
 * and too short ones are skipped and named; of a pair of unequal lengths the common start is kept.
 *
 * @throws {TrainingError} `E_NO_AUDIO` when no pair is left
 */
export async function loadPairs(
  noisyFolder: string,
  cleanFolder: string,
  options: PairOptions = {},
): Promise<{ pairs: ClipPairs; report: LibraryReport }> {
  const { sampleRate = 16_000, minimumSeconds = 0.25, onProgress } = options;
  const stem = (name: string) => name.replace(/\.[^.]*$/, '');
  const noisyNames = await audioFiles(resolve(noisyFolder));
  const partners = new Map((await audioFiles(resolve(cleanFolder))).map((name) => [stem(name), name]));
  const skipped: SkippedFile[] = [];
  const noisy = new ClipStore(sampleRate);
  const clean = new ClipStore(sampleRate);
  for (const [index, name] of noisyNames.entries()) {
    const partner = partners.get(stem(name));
    partners.delete(stem(name));
    try {
      if (partner === undefined)
        throw new TrainingError('E_NO_PARTNER', `there is no clean recording of that name`);
      const recording = await readMono(join(noisyFolder, name), sampleRate);
      const target = await readMono(join(cleanFolder, partner), sampleRate);
      const length = Math.min(recording.length, target.length);
      if (length < minimumSeconds * sampleRate) {
        throw new TrainingError('E_TOO_SHORT', `too short (${(length / sampleRate).toFixed(2)} s)`);
      }
      // One scale for both: the target must not change its level against the mixture.
      noisy.add(name, recording.subarray(0, length), [recording, target]);
      clean.add(name, target.subarray(0, length), [recording, target]);
    } catch (error) {
      skipped.push({ name, reason: toDenoiseError(error, 'reading').message });
    }
    onProgress?.(index + 1, noisyNames.length);
  }
  for (const name of partners.values())
    skipped.push({ name, reason: 'there is no noisy recording of that name' });
  if (noisy.library.clips.length === 0) {
    throw new TrainingError(
      'E_NO_AUDIO',
      `${noisyFolder} and ${cleanFolder} have no usable pair of recordings.`,
      {
        hint:
          skipped.length > 0
            ? `The first file: ${skipped[0].name}: ${skipped[0].reason}.`
            : 'Check the paths.',
      },
    );
  }
  const { hash } = clean.summary();
  const summary = noisy.summary();
  return {
    pairs: { noisy: noisy.library, clean: clean.library },
    report: { ...summary, hash: `${summary.hash.slice(0, 32)}${hash.slice(0, 32)}`, skipped },
  };
}

export interface PairSamplerOptions {
  pairs: ClipPairs;
  /** Length of an example in samples. */
  samples: number;
  /** Any integer; with the index it decides where an example is cut. */
  seed: number;
}

/** Cuts examples out of pairs: a random place of a random pair, by duration; shorter pairs stand somewhere in silence. */
export class PairSampler {
  readonly #picker: ClipPicker;
  readonly #noisy: ClipPlayer;
  readonly #clean: ClipPlayer;
  readonly #partners: Map<string, number>;

  /** @throws {TrainingError} `E_NO_AUDIO` when there are no pairs */
  constructor(private readonly options: PairSamplerOptions) {
    const { noisy, clean } = options.pairs;
    if (noisy.clips.length === 0)
      throw new TrainingError('E_NO_AUDIO', 'There are no pairs to cut examples from.');
    this.#picker = new ClipPicker(noisy, 1);
    this.#noisy = new ClipPlayer(noisy);
    this.#clean = new ClipPlayer(clean);
    this.#partners = new Map(clean.clips.map((clip, index) => [clip.name, index]));
  }

  /** Cuts example `index` into two arrays `[samples]`. */
  example(index: number, noisy: Float32Array, clean: Float32Array): ExampleInfo {
    const { samples, seed, pairs } = this.options;
    const random = new Random(seed, index);
    const clip = this.#picker.pick(random);
    const target = pairs.clean.clips[this.#partners.get(clip.name) ?? 0];
    const spare = clip.length - samples;
    const shift = random.integer(Math.abs(spare) + 1);
    const [from, at] = spare > 0 ? [shift, 0] : [0, shift];
    const count = Math.min(samples, clip.length);
    noisy.fill(0);
    clean.fill(0);
    this.#noisy.add(clip, from, noisy, at, count);
    this.#clean.add(target, from, clean, at, count);
    return { snrDb: Number.NaN };
  }
}
