/**
 * Denoises demodulated speech with a checkpoint and compares it with the clean speech, before and after.
 *
 *   node dist/scripts/radio-denoise-quality.js [MODEL [nbfm8 usb6 …]]      default: the shipped `radio`, all ratios
 *
 * Sounds: what GNU Radio and our receiver make of the recordings in the reference folder's `iq`, and our receiver of
 * our own transmissions of the same speech at other ratios. Nothing of that speech is trained on.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeAudioFile } from '../src/audio/decode.js';
import { Resampler } from '../src/audio/resample.js';
import { resampleMono } from '../src/audio/resample-mono.js';
import { Model } from '../src/engine/model.js';
import { throughAir, toCu8 } from '../streams/radio/modulate/air.js';
import { modulateAm } from '../streams/radio/modulate/am.js';
import { modulateFm } from '../streams/radio/modulate/fm.js';
import { modulateSsb } from '../streams/radio/modulate/ssb.js';
import { Receiver } from '../streams/radio/receiver.js';
import { bandSiSdr } from './radio/band-si-sdr.js';
import { sharedFolder } from './radio-quality.js';

/** Rate of the reference's speech and of the receivers' audio, Hz. */
const AUDIO_RATE = 48_000;
const IQ_RATE = 250_000;
/** Modes of voice radio, and the width in which their ratio is stated, Hz. */
const CHANNEL_HZ = { nbfm: 16_000, am: 10_000, usb: 2_700 } as const;
export type VoiceMode = keyof typeof CHANNEL_HZ;

export interface DenoiseQuality {
  mode: VoiceMode;
  /** Signal to noise in the channel, dB. */
  cnrDb: number;
  /** Who demodulated, and whose transmission. */
  of: 'GNU Radio, reference' | 'ours, reference' | 'ours, own';
  /** SI-SDR in 400…2500 Hz against the clean speech, dB. */
  before: number;
  after: number;
  /** How much later the denoised speech is than the other, ms: 0, as the model's delay is taken out. */
  shiftMs: number;
}

export interface DenoiseQualityReport {
  results: DenoiseQuality[];
  /** Delay of the model and of resampling to its rate and back, ms. */
  delayMs: number;
}

/** Ratios of the transmissions made here, dB: those of the reference's table and either side of them. */
const OWN: readonly (readonly [VoiceMode, number])[] = [
  ['nbfm', 16],
  ['nbfm', 12],
  ['nbfm', 8],
  ['nbfm', 6],
  ['am', 26],
  ['am', 20],
  ['am', 14],
  ['usb', 18],
  ['usb', 12],
  ['usb', 6],
  ['usb', 3],
];

function transmit(mode: VoiceMode, speech: Float32Array, cnrDb: number): Float32Array {
  const common = { audioRate: AUDIO_RATE, rate: IQ_RATE };
  const peak = speech.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const full = speech.map((x) => x / peak);
  const signal = {
    nbfm: () => modulateFm(full, { ...common, deviationHz: 5_000, audioHz: 3_000 }),
    am: () => modulateAm(full, { ...common }),
    usb: () => modulateSsb(full, { ...common, sideband: 'usb', lowHz: 300 }),
  }[mode]();
  const air = { rate: IQ_RATE, offsetHz: 20_000, cnrDb, channelHz: CHANNEL_HZ[mode], seed: 11 };
  const iq = toCu8(throughAir(signal, air));
  return receive(mode, iq, 0, 20_000);
}

function receive(mode: VoiceMode, iq: Uint8Array, centreHz: number, tuneHz: number): Float32Array {
  const receiver = new Receiver({ inputRate: IQ_RATE, centreHz, tuneHz, mode, audioRate: AUDIO_RATE });
  return receiver.process(iq).audio.slice();
}

export interface DenoiseQualityOptions {
  shared?: string;
  /** Transmissions to make: mode, and signal to noise in the channel, dB. */
  own?: readonly (readonly [VoiceMode, number])[];
  measured?: (result: DenoiseQuality) => void;
}

/** Scores a model on every recording of the reference, and on our own transmissions of its speech. */
export async function radioDenoiseQuality(
  modelName = 'radio',
  { shared = sharedFolder(), own = OWN, measured }: DenoiseQualityOptions = {},
): Promise<DenoiseQualityReport> {
  const folder = join(shared, 'iq');
  const wav = async (name: string) => (await decodeAudioFile(join(folder, name))).channels[0];
  const speech = await wav('speech_clean_48k.wav');
  const model = await Model.load(modelName);
  const { sampleRate, latencySamples } = model.info;
  const reference = resampleMono(speech, AUDIO_RATE, sampleRate);
  const results: DenoiseQuality[] = [];
  const measure = async (sound: Float32Array, what: Pick<DenoiseQuality, 'mode' | 'cnrDb' | 'of'>) => {
    const noisy = resampleMono(sound, AUDIO_RATE, sampleRate);
    const stream = model.createStream();
    const clean = new Float32Array(noisy.length);
    const head = await stream.process(noisy);
    clean.set(head);
    clean.set(await stream.flush(), head.length);
    stream.close();
    const [before, after] = [noisy, clean].map((x) => bandSiSdr(x, reference, { rate: sampleRate }));
    const shiftMs = (1000 * (after.lag - before.lag)) / sampleRate;
    const result = { ...what, before: before.db, after: after.db, shiftMs };
    results.push(result);
    measured?.(result);
  };
  const recordings: { file: string; mode: string; centre: number; tune: number; cnr_db: number }[] =
    JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  for (const { file, mode, centre, tune, cnr_db: cnrDb } of recordings) {
    if (!Object.hasOwn(CHANNEL_HZ, mode)) continue;
    const voice = { mode: mode as VoiceMode, cnrDb };
    await measure(await wav(file.replace('.cu8', '_gnuradio.wav')), { ...voice, of: 'GNU Radio, reference' });
    const iq = readFileSync(join(folder, file));
    await measure(receive(voice.mode, iq, centre, tune), { ...voice, of: 'ours, reference' });
  }
  for (const [mode, cnrDb] of own)
    await measure(transmit(mode, speech, cnrDb), { mode, cnrDb, of: 'ours, own' });
  await model.close();
  const down = new Resampler(1, AUDIO_RATE, sampleRate).latencySamples / AUDIO_RATE;
  const up = new Resampler(1, sampleRate, AUDIO_RATE).latencySamples / sampleRate;
  return { results, delayMs: 1000 * (latencySamples / sampleRate + down + up) };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, ...only] = process.argv.slice(2);
  const own = only.length === 0 ? OWN : OWN.filter(([mode, cnrDb]) => only.includes(`${mode}${cnrDb}`));
  const line = ({ mode, cnrDb, of, before, after, shiftMs }: DenoiseQuality): string =>
    `${mode.padEnd(5)}${String(cnrDb).padStart(3)} dB  ${of.padEnd(21)}${before.toFixed(2).padStart(6)} → ` +
    `${after.toFixed(2).padStart(6)} dB  (${(after - before).toFixed(2)}, ${shiftMs.toFixed(2)} ms)`;
  const { delayMs } = await radioDenoiseQuality(name, {
    own,
    measured: (result) => console.log(line(result)),
  });
  console.log(`delay of the model and of resampling to ${AUDIO_RATE} Hz and back: ${delayMs.toFixed(1)} ms`);
}
