import { rm } from 'node:fs/promises';
import type { AudioSink } from '../../../streams/sinks/audio-sink.js';
import {
  type LiveFormat,
  type OpenSinkOptions,
  openSink,
  type SinkSpec,
} from '../../../streams/sinks/open-sink.js';
import { SpeakerSink } from '../../../streams/sinks/speaker.js';
import { WavSink } from '../../../streams/sinks/wav-sink.js';

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
