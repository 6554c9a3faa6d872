import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { peak } from '../../audio/metrics/levels.js';
import { TrainingError, toDenoiseError } from '../../errors.js';
import { readMono, trimSilence } from './clip-reader.js';
import { recordingGroup } from './recording-group.js';

/** One recording inside a {@link ClipLibrary}. Plain data, so that it travels to worker threads. */
export interface Clip {
  /** Path relative to the library's folder, with `/`. */
  name: string;
  /** Speaker or source recording ({@link recordingGroup}); `null` when the name hides it. */
  group: string | null;
  /** Which of {@link ClipLibrary.blocks} holds it. */
  block: number;
  /** First sample inside the block. */
  offset: number;
  /** Samples at the library's rate. */
  length: number;
  /** Factor that brings the 16-bit samples back to the recording's scale of ±1. */
  scale: number;
}

/** Recordings in memory: mono, one rate, 16 bit, shared with all threads without a copy. */
export interface ClipLibrary {
  /** Hz */
  sampleRate: number;
  /** 16-bit samples; each clip lies within one block. */
  blocks: SharedArrayBuffer[];
  clips: Clip[];
}

/** A file that was left out, and why. */
export interface SkippedFile {
  name: string;
  reason: string;
}

/** What {@link loadLibrary} found. */
export interface LibraryReport {
  loaded: number;
  /** Duration of all loaded recordings. */
  seconds: number;
  skipped: SkippedFile[];
  /** SHA-256 (hex) over names, lengths and samples: two libraries with one hash train alike. */
  hash: string;
}

export interface LibraryOptions {
  /** Rate to hold the recordings at, Hz. Default 16 000. */
  sampleRate?: number;
  /** Shorter recordings are left out, in seconds. Default 0.25. */
  minimumSeconds?: number;
  /** Called after each file. */
  onProgress?: (done: number, total: number) => void;
}

/** Samples per shared block: 35 minutes at 8 kHz, 17 at 16 kHz; 32 MiB. */
const BLOCK_SAMPLES = 1 << 24;
const EXTENSIONS = new Set(['.wav', '.wave', '.flac', '.opus']);

/**
 * Reads every WAV, FLAC and Opus file under a folder, of any rate and channel count, mixed to mono and resampled.
 * Unreadable, damaged, silent and too short files are skipped and named in the report; leading and trailing digital
 * silence is cut off.
 *
 * @throws {TrainingError} `E_NO_AUDIO` when nothing usable is left
 */
export async function loadLibrary(
  folder: string,
  options: LibraryOptions = {},
): Promise<{ library: ClipLibrary; report: LibraryReport }> {
  const { sampleRate = 16_000, minimumSeconds = 0.25, onProgress } = options;
  const root = resolve(folder);
  const names = await audioFiles(root);
  const skipped: SkippedFile[] = [];
  const store = new ClipStore(sampleRate);
  for (const [index, name] of names.entries()) {
    try {
      const mono = trimSilence(await readMono(join(root, name), sampleRate));
      if (mono.length < minimumSeconds * sampleRate) {
        const seconds = (mono.length / sampleRate).toFixed(2);
        skipped.push({ name, reason: mono.length === 0 ? 'silent' : `too short (${seconds} s)` });
      } else store.add(name, mono);
    } catch (error) {
      skipped.push({ name, reason: toDenoiseError(error, 'reading').message });
    }
    onProgress?.(index + 1, names.length);
  }
  if (store.library.clips.length === 0) {
    const why =
      names.length === 0
        ? 'it holds no WAV, FLAC or Opus file'
        : `none of its ${names.length} files is usable`;
    throw new TrainingError('E_NO_AUDIO', `There is nothing to train on in ${folder}: ${why}.`, {
      hint:
        skipped.length > 0 ? `The first one: ${skipped[0].name}: ${skipped[0].reason}` : 'Check the path.',
    });
  }
  return { library: store.library, report: { ...store.summary(), skipped } };
}

/** The library of `folder` without the files whose paths, folder included, end in one of these. */
export function leaveOut(library: ClipLibrary, folder: string, endings: readonly string[]): ClipLibrary {
  const isKept = ({ name }: Clip) => !endings.some((ending) => join(folder, name).endsWith(ending));
  return { ...library, clips: library.clips.filter(isKept) };
}

/** A clip at the recording's scale, `[length]`. */
export function clipSamples({ blocks }: ClipLibrary, { block, offset, length, scale }: Clip): Float32Array {
  return Float32Array.from(new Int16Array(blocks[block], 2 * offset, length), (sample) => scale * sample);
}

/** Names of all audio files under `root`, relative, sorted, so that the order never depends on the file system. */
export async function audioFiles(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && EXTENSIONS.has(extname(entry.name).toLowerCase()))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  } catch (error) {
    throw toDenoiseError(error, 'Reading the training data');
  }
}

/** Appends clips to shared blocks and keeps the running hash. */
export class ClipStore {
  readonly library: ClipLibrary;
  readonly #hash = createHash('sha256');
  #used = BLOCK_SAMPLES;
  #total = 0;

  constructor(sampleRate: number) {
    this.library = { sampleRate, blocks: [], clips: [] };
    this.#hash.update(`${sampleRate}\n`);
  }

  /** @param together recordings whose common peak must fit into 16 bit; default the clip alone */
  add(name: string, samples: Float32Array, together: Float32Array[] = [samples]): void {
    const { blocks, clips, sampleRate } = this.library;
    if (this.#used + samples.length > BLOCK_SAMPLES) {
      blocks.push(new SharedArrayBuffer(2 * Math.max(BLOCK_SAMPLES, samples.length)));
      this.#used = 0;
    }
    const block = blocks.length - 1;
    const pcm = new Int16Array(blocks[block], 2 * this.#used, samples.length);
    const gain = 32768 / Math.max(1, ...together.map((one) => peak(one)));
    for (let i = 0; i < pcm.length; i++)
      pcm[i] = Math.max(-32768, Math.min(32767, Math.round(samples[i] * gain)));
    clips.push({
      name,
      group: recordingGroup(name),
      block,
      offset: this.#used,
      length: samples.length,
      scale: 1 / gain,
    });
    this.#hash.update(`${name}\n${samples.length}\n`).update(pcm);
    this.#used += samples.length;
    this.#total += samples.length / sampleRate;
  }

  summary(): { loaded: number; seconds: number; hash: string } {
    return { loaded: this.library.clips.length, seconds: this.#total, hash: this.#hash.digest('hex') };
  }
}
