import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { InputError } from '../errors.js';
import { ByteReader } from './byte-reader.js';
import { type AudioFormat, type AudioWarning, integerFormat } from './format.js';
import type { MakeSamples, PlanarBlocks, Samples } from './planar-blocks.js';
import { WavReader } from './wav/reader.js';

/** The end of its error output is kept, characters. */
const KEPT_CHARACTERS = 2000;

/** Only the file itself is opened: some formats name others, on the network too. */
const ONLY_FILES = ['-protocol_whitelist', 'file'];

/** A file that only ffmpeg can read, decoded by it in a process of its own; what comes out is read as WAV from a pipe. */
export class FfmpegReader implements PlanarBlocks {
  readonly container = 'ffmpeg';
  readonly warnings: AudioWarning[] = [];
  readonly format: AudioFormat;
  readonly frames: number | undefined;

  private constructor(
    private readonly process: FfmpegProcess,
    private readonly wav: WavReader,
    { frames, bits }: TrackInfo,
  ) {
    const { sampleRate, channels } = wav.format;
    this.format = integerFormat(sampleRate, channels, bits);
    this.frames = frames;
  }

  /**
   * @param path of a regular file
   * @param name of its format, for messages
   * @throws InputError `E_NO_FFMPEG` where it is not installed, `E_NO_AUDIO_TRACK`, `E_CORRUPT`
   */
  static async open(path: string, name: string): Promise<FfmpegReader> {
    const process = await FfmpegProcess.start(path, name);
    const bytes = ByteReader.fromStream(process.child.stdout!);
    try {
      // Ends at once where there is nothing to decode.
      if ((await bytes.peek(12)).length < 12) throw await process.failure();
      return new FfmpegReader(process, await WavReader.open(bytes), await trackInfo(path));
    } catch (error) {
      await process.stop();
      throw error;
    }
  }

  async *blocks<T extends Samples>(make: MakeSamples<T>): AsyncGenerator<T[]> {
    let frames = 0;
    for await (const block of this.wav.blocks(make)) {
      // The last packet of AAC holds more than the recording; the rest is read so that ffmpeg can end.
      const length = Math.min(block[0].length, (this.frames ?? Infinity) - frames);
      frames += length;
      if (length > 0) yield block.map((channel) => channel.subarray(0, length) as T);
    }
    if ((await this.process.exit) === 0 && this.process.errors === '') return;
    if (frames === 0) throw await this.process.failure();
    this.warnings.push({ code: 'W_DAMAGED', message: `ffmpeg says of the file: ${this.process.lastLine}.` });
  }

  async close(): Promise<void> {
    await this.process.stop();
  }
}

/** What is known of a track before it is decoded. */
interface TrackInfo {
  /** Samples per channel, where the file says so. */
  frames: number | undefined;
  /** Bits per sample of what was compressed without loss, 16 of all else. */
  bits: number;
}

/** Asks ffprobe, where it is installed. */
async function trackInfo(path: string): Promise<TrackInfo> {
  const asked = 'stream=duration_ts,time_base,sample_rate,bits_per_raw_sample';
  const args = [
    '-v',
    'error',
    ...ONLY_FILES,
    '-select_streams',
    'a:0',
    '-show_entries',
    asked,
    '-of',
    'json',
  ];
  try {
    const { stdout } = await promisify(execFile)('ffprobe', [...args, `file:${path}`]);
    const [track] = (JSON.parse(stdout) as { streams: Record<string, string | number | undefined>[] })
      .streams;
    const counted = track.time_base === `1/${track.sample_rate}` && Number(track.duration_ts) > 0;
    const bits = Number(track.bits_per_raw_sample);
    return {
      frames: counted ? Number(track.duration_ts) : undefined,
      bits: bits >= 16 && bits <= 32 ? bits : 16,
    };
  } catch {
    return { frames: undefined, bits: 16 };
  }
}

/** One run of ffmpeg. */
class FfmpegProcess {
  /** What it wrote to stderr, its errors. */
  errors = '';
  readonly exit: Promise<number | null>;

  private constructor(
    readonly child: ChildProcess,
    private readonly name: string,
  ) {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-KEPT_CHARACTERS);
    });
    this.exit = once(child, 'close').then(([code]) => code as number | null);
  }

  static async start(path: string, name: string): Promise<FfmpegProcess> {
    const input = [...ONLY_FILES, '-i', `file:${path}`];
    const output = ['-map', '0:a:0', '-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'];
    const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...output], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new InputError('E_NO_FFMPEG', `This is ${name}; it is read by ffmpeg, which cannot be started.`, {
        hint: 'Install ffmpeg (for example: apt install ffmpeg, brew install ffmpeg), and try again.',
        cause: error,
      });
    }
    return new FfmpegProcess(child, name);
  }

  get lastLine(): string {
    return this.errors.trim().split('\n').at(-1)?.replace(/\.$/, '') || 'nothing';
  }

  /** Waits for the end, and says why nothing came out. */
  async failure(): Promise<InputError> {
    await this.exit;
    if (/matches no streams/.test(this.errors)) {
      return new InputError('E_NO_AUDIO_TRACK', `This is ${this.name} without sound.`);
    }
    return new InputError('E_CORRUPT', `This is ${this.name}, which ffmpeg cannot decode: ${this.lastLine}.`);
  }

  async stop(): Promise<void> {
    // What it gave and nobody read would keep it from closing.
    this.child.stdout!.destroy();
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.exit;
  }
}
