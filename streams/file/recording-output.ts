import { basename } from 'node:path';
import { createAudioOutput } from '../../src/audio/create.js';
import { containerOfName, type OutputContainer } from '../../src/audio/file-endings.js';
import { type AudioFormat, integerFormat } from '../../src/audio/format.js';
import type { AudioInput } from '../../src/audio/open.js';
import { chunksWithOrigin, tagsWithOrigin } from '../../src/audio/origin.js';
import { UsageError } from '../../src/errors.js';
import { ByteCopy } from './byte-copy.js';
import type { RecordingSink } from './recording-sink.js';

/** How a result is to be written, where that is not left to the input and the name of the output. */
export interface OutputChoice {
  /** Default: what the name says; else FLAC for FLAC, and WAV for all else. */
  format?: OutputContainer;
  /** Bits per sample, 4 to 32, integers. Default: as the input. */
  bits?: number;
}

/**
 * Where a result goes: same rate and channels as the input, with its metadata; of a video, its picture. A file says which
 * recording it was made of.
 *
 * @param input - path, or `undefined` for a pipe.
 * @param output - path, or `undefined` for stdout, which is WAV unless something else was chosen.
 * @param untouched - the bytes of a WAV file are then copied as they are, where nothing else was asked for.
 * @throws UsageError `E_OUTPUT_FORMAT` where the name asks for a kind of file that cannot be written.
 */
export async function openOutput(
  recording: AudioInput,
  input: string | undefined,
  output: string | undefined,
  choice: OutputChoice,
  untouched: boolean,
): Promise<RecordingSink> {
  const destination = output ?? process.stdout;
  const container = containerOf(recording, output, choice);
  if (container === 'video') return openVideo(recording, input, output as string);
  const format = formatOf(recording.format, choice.bits);
  const same = recording.container === container && format === recording.format;
  if (untouched && same && container === 'wav' && input !== undefined)
    return ByteCopy.create(input, destination);
  const { metadata, tags, frames } = recording;
  if (output === undefined || input === undefined)
    return createAudioOutput(destination, format, { container, metadata, tags, frames });
  const origin = basename(recording.name);
  return createAudioOutput(destination, format, {
    ...{ container, frames },
    inputs: [input],
    metadata: chunksWithOrigin(metadata, origin),
    tags: tagsWithOrigin(tags, origin),
  });
}

function containerOf(
  recording: AudioInput,
  output: string | undefined,
  choice: OutputChoice,
): OutputContainer | 'video' {
  if (choice.format !== undefined) return choice.format;
  if (output === undefined) return 'wav';
  return containerOfName(output) ?? (recording.container === 'flac' ? 'flac' : 'wav');
}

/** A video whose audio is replaced; only of a video. */
async function openVideo(
  recording: AudioInput,
  input: string | undefined,
  output: string,
): Promise<RecordingSink> {
  if (input === undefined || recording.container !== 'ffmpeg') {
    throw new UsageError('E_OUTPUT_FORMAT', `${output} is the name of a video, and the input is none.`, {
      hint: 'Choose a name that ends in .wav, .flac or .opus.',
    });
  }
  const { VideoOutput } = await import('./video-output.js');
  return VideoOutput.create(input, output, recording.format);
}

function formatOf(format: AudioFormat, bits: number | undefined): AudioFormat {
  return bits === undefined ? format : integerFormat(format.sampleRate, format.channels, bits);
}
