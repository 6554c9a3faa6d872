import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeAudioFile } from '../src/audio/decode.js';
import type { Mode } from '../streams/radio/modes.js';
import { Receiver } from '../streams/radio/receiver.js';
import { bandSiSdr } from './radio/band-si-sdr.js';

interface Recording {
  file: string;
  mode: Mode;
  rate: number;
  centre: number;
  tune: number;
  cnr_db: number;
}

export interface RadioQuality {
  file: string;
  mode: Mode;
  /** SI-SDR in 400–2500 Hz against the clean speech, dB: ours and that of GNU Radio's audio. */
  ours: number;
  gnuRadio: number;
  /** Measured delay of our audio less the declared one, samples at 48 kHz. */
  lagError: number;
  /** Largest sample of the first 20 ms, and of all. */
  startPeak: number;
  peak: number;
}

/** The folder of reference material, which need not exist. */
export function sharedFolder(): string {
  return process.env.DENOISE_SHARED ?? join(import.meta.dirname, '..', '..', 'shared');
}

/** Demodulates every recording of `iq/manifest.json` and compares it with GNU Radio's audio of it. */
export async function radioQuality(shared = sharedFolder()): Promise<RadioQuality[]> {
  const iq = join(shared, 'iq');
  const wav = async (name: string) => (await decodeAudioFile(join(iq, name))).channels[0];
  const clean = await wav('speech_clean_48k.wav');
  const recordings: Recording[] = JSON.parse(readFileSync(join(iq, 'manifest.json'), 'utf8'));
  const results: RadioQuality[] = [];
  for (const { file, mode, rate, centre, tune } of recordings) {
    const receiver = new Receiver({ inputRate: rate, centreHz: centre, tuneHz: tune, mode });
    const audio = receiver.process(readFileSync(join(iq, file))).audio.slice();
    const ours = bandSiSdr(audio, clean, { rate: 48_000 });
    const theirs = await wav(file.replace('.cu8', '_gnuradio.wav'));
    const peakOf = (x: Float32Array) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    results.push({
      file,
      mode,
      ours: ours.db,
      gnuRadio: bandSiSdr(theirs, clean, { rate: 48_000 }).db,
      lagError: ours.lag - receiver.latencySamples,
      startPeak: peakOf(audio.subarray(0, 960)),
      peak: peakOf(audio),
    });
  }
  return results;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.table(await radioQuality());
}
