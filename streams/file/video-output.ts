import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { AudioFormat } from '../../src/audio/format.js';
import type { Planar } from '../../src/audio/pcm.js';
import { WavWriter } from '../../src/audio/wav/writer.js';
import { OutputError } from '../../src/errors.js';
import { AtomicFile } from '../../src/files/atomic-file.js';
import { streamTarget } from '../../src/files/byte-target.js';
import { toOutputError } from '../../src/files/output-error.js';
import type { RecordingSink } from './recording-sink.js';

/** How ffmpeg calls the formats, and what their audio is coded with. */
const KINDS: Readonly<Record<string, { muxer: string; codec: string[] }>> = {
  '.mp4': { muxer: 'mp4', codec: ['aac', '-b:a', '192k'] },
  '.m4v': { muxer: 'mp4', codec: ['aac', '-b:a', '192k'] },
  '.mov': { muxer: 'mov', codec: ['aac', '-b:a', '192k'] },
  '.mkv': { muxer: 'matroska', codec: ['aac', '-b:a', '192k'] },
  '.webm': { muxer: 'webm', codec: ['libopus', '-b:a', '128k'] },
  '.avi': { muxer: 'avi', codec: ['pcm_s16le'] },
};

/**
 * A video with its audio replaced: pictures and subtitles are copied as they are, the first track of audio is coded anew
 * by ffmpeg, further ones are left out. Under its name only once complete.
 */
export class VideoOutput implements RecordingSink {
  private errors = '';
  private readonly exit: Promise<number | null>;

  private constructor(
    private readonly file: AtomicFile,
    private readonly ffmpeg: ChildProcess,
    private readonly sound: WavWriter,
  ) {
    ffmpeg.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-2000);
    });
    this.exit = once(ffmpeg, 'close').then(([code]) => code as number | null);
  }

  /**
   * @param video - whose picture is taken.
   * @param format - of the audio.
   * @throws OutputError where the file cannot be created, or is `video` itself.
   */
  static async create(video: string, path: string, format: AudioFormat): Promise<VideoOutput> {
    const file = await AtomicFile.create(path, [video]);
    const { muxer, codec } = KINDS[extname(path).toLowerCase()];
    const inputs = ['-protocol_whitelist', 'file', '-i', `file:${video}`, '-f', 'wav', '-i', 'pipe:0'];
    const tracks = ['-map', '0:v', '-map', '0:s?', '-map', '1:a', '-c', 'copy', '-c:a', ...codec];
    const output = ['-map_metadata', '0', '-f', muxer, '-y', `file:${file.workingPath}`];
    const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...inputs, ...tracks, ...output], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    try {
      await once(ffmpeg, 'spawn');
      return new VideoOutput(file, ffmpeg, await WavWriter.create(streamTarget(ffmpeg.stdin!), format));
    } catch (error) {
      await file.abort();
      throw toOutputError(error, path);
    }
  }

  get clipped(): number {
    return this.sound.clipped;
  }

  async write(samples: Planar): Promise<void> {
    try {
      await this.sound.write(samples);
    } catch (error) {
      // It closes its end when it fails; why, it says on the other.
      throw (await this.exit) === 0 ? error : this.failure();
    }
  }

  async commit(): Promise<void> {
    await this.sound.finish();
    this.ffmpeg.stdin!.end();
    if ((await this.exit) !== 0) throw this.failure();
    await this.file.commit();
  }

  async abort(): Promise<void> {
    this.ffmpeg.kill('SIGKILL');
    await this.exit;
    await this.file.abort();
  }

  private failure(): OutputError {
    const why = this.errors.trim().split('\n').at(-1)?.replace(/\.$/, '') || 'it ended without a word';
    return new OutputError('E_FFMPEG', `ffmpeg cannot write the video: ${why}.`, {
      hint: 'Write the sound alone, for example with -o sound.flac.',
    });
  }
}
