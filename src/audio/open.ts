import { open as openFile, stat } from 'node:fs/promises';
import { InputError, toDenoiseError } from '../errors.js';
import { openByteStream } from '../files/byte-stream.js';
import { ByteReader } from './byte-reader.js';
import type { AudioChunk } from './chunk.js';
import { pcmCodec } from './codecs/sample-codec.js';
import { FiniteGuard } from './finite-guard.js';
import type { AudioFormat, AudioWarning } from './format.js';
import {
  type Container,
  doublePrecision,
  type MakeSamples,
  type PlanarBlocks,
  type Samples,
  singlePrecision,
} from './planar-blocks.js';
import { SampleReader } from './sample-reader.js';
import { detectContainer } from './sniff.js';
import type { Tags } from './tags.js';
import type { WavMetadata } from './wav/chunks.js';
import { checkChannelsAndRate } from './wav/fmt-chunk.js';
import { WavReader } from './wav/reader.js';

export interface OpenAudioOptions {
  /** The input has no header and holds samples of this format; nothing is detected then. */
  raw?: AudioFormat;
  /** What the input is called in errors. Default: the path, or `the input stream`. */
  name?: string;
  /** Ends the reading of a pipe that gives nothing; reading then fails with its reason. */
  signal?: AbortSignal | undefined;
}

/** A path, or bytes as they come, such as `process.stdin`. */
export type AudioInputSource = string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** An opened recording: its format, and its audio as chunks of bounded size. Iterate once; `close()` when not to the end. */
export interface AudioInput extends AsyncIterable<AudioChunk> {
  /** File name or the name given, for messages. */
  readonly name: string;
  readonly container: Container;
  readonly format: AudioFormat;
  /** Length in frames where it is known beforehand; fewer or (several `data` chunks) more may come. */
  readonly frames: number | undefined;
  /** Chunks around the samples of a WAV file; its `after` is complete once the audio was read. */
  readonly metadata: WavMetadata | undefined;
  /** What was odd but not fatal; grows while reading. */
  readonly warnings: readonly AudioWarning[];
  /** What the recording says about itself, where its format has tags that are understood. */
  readonly tags: Tags | undefined;
  /** The audio with every bit of 32-bit integers and doubles, in place of the iteration: `[channels][time]`. */
  exactBlocks(): AsyncGenerator<Float64Array[]>;
  close(): Promise<void>;
}

/**
 * Opens WAV (RIFF, RF64, BW64), FLAC (native, Ogg) or raw PCM, recognised by content rather than by name.
 * NaN and infinite samples are replaced by 0, counted in a warning; a recording that is mostly those is refused.
 *
 * @throws InputError where the input is missing, a folder, empty, not audio, truncated within the header or corrupt;
 *   while iterating: where nothing can be decoded or most samples are not numbers
 */
export async function openAudioInput(
  source: AudioInputSource,
  options: OpenAudioOptions = {},
): Promise<AudioInput> {
  const name = options.name ?? (typeof source === 'string' ? source : 'the input stream');
  let bytes: ByteReader | undefined;
  try {
    bytes =
      typeof source === 'string' ? await openBytes(source, options.signal) : ByteReader.fromStream(source);
    const reader = await openReader(bytes, options.raw, typeof source === 'string' ? source : undefined);
    return new OpenedInput(name, reader);
  } catch (error) {
    await bytes?.close().catch(() => {});
    throw named(error, name);
  }
}

async function openBytes(path: string, signal: AbortSignal | undefined): Promise<ByteReader> {
  const kind = await stat(path);
  if (kind.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  if (!kind.isFile()) return ByteReader.fromStream(openByteStream(path, signal));
  const file = await openFile(path, 'r');
  try {
    return await ByteReader.fromFile(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openReader(
  bytes: ByteReader,
  raw: AudioFormat | undefined,
  path: string | undefined,
): Promise<PlanarBlocks> {
  if (raw !== undefined) {
    checkChannelsAndRate(raw.channels, raw.sampleRate);
    return new SampleReader(bytes, { container: 'raw', format: raw, codec: pcmCodec(raw) });
  }
  const { kind, tags, name = 'a file' } = await detectContainer(bytes);
  // Each decoder is loaded where it is needed: most recordings are WAV.
  switch (kind) {
    case 'foreign':
      await bytes.close();
      if (path !== undefined) return (await import('./ffmpeg.js')).FfmpegReader.open(path, name);
      throw new InputError('E_UNSUPPORTED', `This is ${name}, which is not read from a pipe.`, {
        hint: 'Name the file itself, or convert it first: ffmpeg -i FILE -f wav - | denoise -',
      });
    case 'wav':
      return WavReader.open(bytes);
    case 'wave64':
      return (await import('./containers/wave64.js')).openWave64(bytes);
    case 'aiff':
      return (await import('./containers/aiff.js')).openAiff(bytes);
    case 'au':
      return (await import('./containers/au.js')).openAu(bytes);
    case 'caf':
      return (await import('./containers/caf.js')).openCaf(bytes);
    case 'flac':
      return (await import('./flac/reader.js')).FlacReader.open(bytes);
    case 'flac-ogg': {
      const [{ FlacReader }, { flacInOgg }] = await Promise.all([
        import('./flac/reader.js'),
        import('./ogg/flac.js'),
      ]);
      return FlacReader.open(flacInOgg(bytes));
    }
    case 'ogg-vorbis':
      return (await import('./ogg/vorbis.js')).VorbisReader.open(bytes);
    case 'ogg-opus':
      return (await import('./ogg/opus.js')).OpusReader.open(bytes);
    case 'mp3':
      return (await import('./mp3/reader.js')).Mp3Reader.open(bytes, tags);
  }
}

/** The error with the name of the input in front of its sentence. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof InputError)) return toDenoiseError(error, `Cannot read ${name}`);
  return new InputError(error.code, `${name}: ${error.message}`, { hint: error.hint, cause: error.cause });
}

class OpenedInput implements AudioInput {
  private readonly guard: FiniteGuard;

  constructor(
    readonly name: string,
    private readonly reader: PlanarBlocks,
  ) {
    this.guard = new FiniteGuard(reader.format);
  }

  get container() {
    return this.reader.container;
  }

  get format(): AudioFormat {
    return this.reader.format;
  }

  get frames(): number | undefined {
    return this.reader.frames;
  }

  get metadata(): WavMetadata | undefined {
    return this.reader instanceof WavReader ? this.reader.metadata : undefined;
  }

  get warnings(): readonly AudioWarning[] {
    return [...this.reader.warnings, ...this.guard.warnings()];
  }

  get tags(): Tags | undefined {
    return this.reader.tags;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    const { sampleRate } = this.format;
    let firstSample = 0n;
    for await (const samples of this.blocks(singlePrecision)) {
      yield { samples, sampleRate, firstSample };
      firstSample += BigInt(samples[0].length);
    }
  }

  exactBlocks(): AsyncGenerator<Float64Array[]> {
    return this.blocks(doublePrecision);
  }

  private async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    try {
      for await (const samples of this.reader.blocks(make)) {
        this.guard.clean(samples);
        yield samples;
      }
      this.guard.finish();
    } catch (error) {
      throw named(error, this.name);
    } finally {
      await this.close();
    }
  }

  private closed = false;

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.reader.close();
  }
}
