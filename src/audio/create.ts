import type { Writable } from 'node:stream';
import { AtomicFile } from '../files/atomic-file.js';
import { type ByteTarget, streamTarget } from '../files/byte-target.js';
import { toOutputError } from '../files/output-error.js';
import type { AudioWriter } from './audio-writer.js';
import type { OutputContainer } from './file-endings.js';
import type { AudioFormat } from './format.js';
import type { Planar } from './pcm.js';
import { RawPcmWriter } from './raw-pcm-writer.js';
import type { Tags } from './tags.js';
import { WavWriter, type WavWriterOptions } from './wav/writer.js';

export interface CreateAudioOptions extends WavWriterOptions {
  /** Samples only, without a header. Default false. */
  raw?: boolean;
  /** Kind of file, default WAV. */
  container?: OutputContainer;
  /** What FLAC and Opus say about the recording. */
  tags?: Tags;
  /** Paths that the output must not be, the recordings it is made of. */
  inputs?: readonly string[];
}

/** A recording being written. Ends with `commit()` or `abort()`; until then nothing stands under its name. */
export interface AudioOutput {
  /** Path, or `the output stream`. */
  readonly name: string;
  readonly format: AudioFormat;
  readonly frames: number;
  /** Samples clipped at full scale so far. */
  readonly clipped: number;
  /** Appends a block. @throws OutputError `E_NO_SPACE`, `E_PIPE_CLOSED`, …; the temporary file is then gone */
  write(samples: Planar): Promise<void>;
  /** Completes the recording and gives it its name. */
  commit(): Promise<void>;
  /** Drops it; a file that had the name before is untouched. Never throws. */
  abort(): Promise<void>;
}

/**
 * Creates a WAV, FLAC, Opus or raw PCM recording, under its name only once complete.
 *
 * @param destination path, or a stream such as `process.stdout` (left open)
 * @throws OutputError where it cannot be created or is one of `inputs`
 */
export async function createAudioOutput(
  destination: string | Writable,
  format: AudioFormat,
  options: CreateAudioOptions = {},
): Promise<AudioOutput> {
  const name = typeof destination === 'string' ? destination : 'the output stream';
  const file =
    typeof destination === 'string' ? await AtomicFile.create(destination, options.inputs) : undefined;
  const target = file?.target ?? streamTarget(destination as Writable);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await file?.abort();
      throw toOutputError(error, name);
    }
  };
  const writer: AudioWriter = options.raw
    ? new RawPcmWriter(target, format)
    : await guarded(() => openWriter(target, format, options));
  return {
    name,
    format: writer.format,
    get frames() {
      return writer.frames;
    },
    get clipped() {
      return writer.clipped;
    },
    write: (samples) => guarded(() => writer.write(samples)),
    commit: () =>
      guarded(async () => {
        await writer.finish();
        await file?.commit();
      }),
    abort: async () => {
      await file?.abort();
    },
  };
}

async function openWriter(
  target: ByteTarget,
  format: AudioFormat,
  options: CreateAudioOptions,
): Promise<AudioWriter> {
  switch (options.container) {
    case 'flac':
      return (await import('./flac/writer.js')).FlacWriter.create(target, format, options);
    case 'opus':
      return (await import('./ogg/opus-writer.js')).OpusWriter.create(target, format, options);
    default:
      return WavWriter.create(target, format, options);
  }
}
