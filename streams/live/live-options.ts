import type { MusicChoice } from '../../src/engine/music-choice.js';
import { UsageError } from '../../src/errors.js';
import type { Clock } from '../clock.js';
import type { MakeDenoiser } from '../denoise/live-denoiser.js';
import type { AudioSink } from '../sinks/audio-sink.js';
import type { IqRecording } from '../sinks/iq-recording.js';
import type { LiveFormat } from '../sinks/open-sink.js';
import type { AudioSource, IqSource } from '../sources/chunk-source.js';
import type { RadioOptions } from './radio-options.js';

/** Options of `LiveSession.start`. */
export interface LiveOptions {
  source: AudioSource | IqSource;
  /** The source has a clock of its own (a device, a paced recording): never delay it. Default true for devices. */
  realtime?: boolean;
  /** For sources of radio samples; refused for others. */
  radio?: RadioOptions;
  /** Records the radio samples as they come, beside or instead of the audio; refused for other sources. The session owns it. */
  iqRecording?: IqRecording;
  /**
   * Makes the denoiser, and another one where the rate or the mode changes (`LiveModels.denoiser`, or `modelDenoiser(model)`
   * for one model). Left out: the audio is not denoised.
   */
  denoiser?: MakeDenoiser;
  /** Opens the outputs once the format of the audio is known. */
  openSinks: (format: LiveFormat) => Promise<AudioSink[]>;
  /** How much of the denoising is applied, 0 … 1; default 1. */
  strength?: number;
  /** Whether music is left in: `auto` finds out, and expects it in WBFM. Default `auto`. */
  music?: MusicChoice;
  /** Delay to keep ready for models that may be swapped in later, seconds; default what the first one needs. */
  mostDelaySeconds?: number;
  /** Ends after so much audio, to the sample. */
  durationSeconds?: number;
  clock?: Clock;
}

/** @throws UsageError for options that are out of range or do not apply: ignoring them would hide a mistake */
export function checkLiveOptions(options: LiveOptions): void {
  const { source, radio, iqRecording, denoiser, durationSeconds = 1 } = options;
  if (!(durationSeconds > 0))
    throw new UsageError('E_DURATION', `A session cannot last ${durationSeconds} s.`, {
      hint: 'Give a time above 0, or none.',
    });
  if ((radio ?? iqRecording) !== undefined && source.kind !== 'iq')
    throw new UsageError('E_NO_RADIO', 'The source gives audio: there is no radio to set or to record.', {
      hint: 'Leave radio and iqRecording out, or open a source of radio samples.',
    });
  const given = (['strength', 'music', 'mostDelaySeconds'] as const).find(
    (key) => options[key] !== undefined,
  );
  if (denoiser === undefined && given !== undefined)
    throw new UsageError('E_NO_DENOISER', `The option ${given} is for a denoiser, and there is none.`, {
      hint: 'Leave it out, or give a denoiser.',
    });
}
