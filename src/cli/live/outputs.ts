import { rm } from 'node:fs/promises';
import type { AudioSink } from '../../../streams/sinks/audio-sink.js';
import { IqRecording, iqRecordingPath } from '../../../streams/sinks/iq-recording.js';
import {
  type LiveFormat,
  type OpenSinkOptions,
  openSink,
  type SinkSpec,
} from '../../../streams/sinks/open-sink.js';
import { SpeakerSink } from '../../../streams/sinks/speaker.js';
import { WavSink } from '../../../streams/sinks/wav-sink.js';
import type { AudioSource, IqSource } from '../../../streams/sources/chunk-source.js';
import type { SourceSpec } from '../../../streams/sources/open-source.js';
import { UsageError } from '../../errors.js';
import { fileIdentity } from '../../files/file-identity.js';
import type { LiveCommandOptions } from './command-options.js';

/** The outputs of a live session. */
export class LiveOutputs {
  readonly #sinks: AudioSink[] = [];

  constructor(
    private readonly specs: readonly SinkSpec[],
    /** For those that are recordings. */
    private readonly recording: OpenSinkOptions,
  ) {}

  /** Opens every output, or none. */
  async open(format: LiveFormat): Promise<AudioSink[]> {
    try {
      for (const spec of this.specs)
        this.#sinks.push(await openSink(spec, format, spec.kind === 'wav' ? this.recording : {}));
      return this.#sinks;
    } catch (error) {
      for (const sink of this.#sinks) sink.destroy();
      await this.removeEmpty();
      throw error;
    }
  }

  /** Volume of the speakers, 0 … 1; `undefined` without one. */
  get volume(): number | undefined {
    return this.#speakers[0]?.volume;
  }

  set volume(volume: number) {
    for (const speaker of this.#speakers) speaker.volume = volume;
  }

  get #speakers(): SpeakerSink[] {
    return this.#sinks.filter((sink) => sink instanceof SpeakerSink);
  }

  /** After a failure: a recording without a sample would only stand in the way of the next attempt. */
  async removeEmpty(): Promise<void> {
    for (const sink of this.#sinks)
      if (sink instanceof WavSink && sink.stats.samples === 0n)
        for (const path of sink.files) await rm(path, { force: true });
  }
}

/** Begins what `--record-iq` asks for; closes the source where that cannot be. @throws OutputError, UsageError */
export async function openIqRecording(
  { recordIq, force = false }: LiveCommandOptions,
  spec: SourceSpec,
  source: AudioSource | IqSource,
): Promise<IqRecording | undefined> {
  if (recordIq === undefined) return undefined;
  try {
    const data = iqRecordingPath(recordIq);
    const played = 'path' in spec ? iqRecordingPath(spec.path) : undefined;
    if (played !== undefined && (await fileIdentity(data)) === ((await fileIdentity(played)) ?? ''))
      throw new UsageError('E_SAME_FILE', `--record-iq ${recordIq} is the recording that is played.`, {
        hint: 'Give another name.',
      });
    return await IqRecording.open(recordIq, { overwrite: force });
  } catch (error) {
    source.destroy();
    throw error;
  }
}
