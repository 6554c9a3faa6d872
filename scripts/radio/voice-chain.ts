import { Random } from '../../src/random.js';
import { throughAir } from '../../streams/radio/modulate/air.js';
import { modulateAm } from '../../streams/radio/modulate/am.js';
import { modulateFm } from '../../streams/radio/modulate/fm.js';
import { modulateSsb } from '../../streams/radio/modulate/ssb.js';
import { Receiver } from '../../streams/radio/receiver.js';
import { addInterference, addThumps, breathe } from './interference.js';
import type { VoiceScene } from './voice-scene.js';

/** Rate of voice and sounds, Hz: that of the models. */
export const VOICE_RATE = 16_000;

/** RMS of the signal at the receiver; full scale is 1. */
const LEVEL = 0.2;
const MOST_PEAK = 0.95;

export interface VoicePair {
  /** As received. */
  noisy: Float32Array;
  /** As the same receiver hears the same transmitter through the same fading without noise or interference. */
  clean: Float32Array;
}

/**
 * Sends a voice of {@link VOICE_RATE} through a scene, once with what disturbs it and once without, in step to the
 * sample and at one gain. Both are as long as the voice.
 */
export function hearVoice(voice: Float32Array, scene: VoiceScene): VoicePair {
  const signal = modulate(prepareVoice(voice, scene.voice), scene);
  key(signal, scene.keyed);
  const { rate, nominalHz: channelHz, fading, seed } = scene;
  const quiet = { rate, channelHz, fading, seed, offsetHz: 0, level: LEVEL, cnrDb: Number.POSITIVE_INFINITY };
  const pure = throughAir(signal, quiet);
  const disturbed = withNoise(pure, scene);
  addInterference(disturbed, scene, LEVEL);
  const clean = receive(pure, scene).subarray(0, voice.length);
  const noisy = receive(disturbed, scene).subarray(0, voice.length);
  if (scene.breathing !== undefined) breathe(noisy, clean, scene.breathing, VOICE_RATE);
  addThumps(noisy, scene.thumps, VOICE_RATE);
  level(noisy, clean, scene.levelDb);
  return { noisy, clean };
}

/** Low cut (Butterworth, second order, by the bilinear transform), peak and compression by a soft limit. */
function prepareVoice(voice: Float32Array, { lowHz, peak, compression }: VoiceScene['voice']): Float32Array {
  const k = Math.tan((Math.PI * lowHz) / VOICE_RATE);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const a1 = 2 * (k * k - 1) * norm;
  const a2 = (1 - Math.SQRT2 * k + k * k) * norm;
  const out = new Float32Array(voice.length);
  let s1 = 0;
  let s2 = 0;
  let highest = 0;
  for (let n = 0; n < voice.length; n++) {
    const x = voice[n] * norm;
    const y = x + s1;
    s1 = -2 * x - a1 * y + s2;
    s2 = x - a2 * y;
    out[n] = y;
    highest = Math.max(highest, Math.abs(y));
  }
  const drive = Math.max(compression, 1e-3);
  const scale = drive / Math.max(highest, 1e-9);
  const gain = peak / Math.tanh(drive);
  for (let n = 0; n < out.length; n++) out[n] = gain * Math.tanh(scale * out[n]);
  return out;
}

function modulate(voice: Float32Array, scene: VoiceScene): Float32Array {
  const { mode, rate, deviationHz, preEmphasisUs, depth } = scene;
  const { highHz } = scene.voice;
  const common = { audioRate: VOICE_RATE, rate };
  switch (mode) {
    case 'nbfm':
    case 'wbfm': {
      // Pre-emphasis lifts consonants up to full deviation: the voice is sent softer, as microphones are set.
      const sent = preEmphasisUs > 100 ? voice.map((x) => 0.35 * x) : voice;
      return modulateFm(sent, { ...common, deviationHz, audioHz: highHz, preEmphasisUs });
    }
    case 'am':
    case 'sam':
      return modulateAm(voice, { ...common, depth, audioHz: highHz });
    case 'usb':
    case 'lsb':
      return modulateSsb(voice, {
        ...common,
        sideband: mode,
        lowHz: Math.max(150, scene.voice.lowHz),
        highHz: Math.min(highHz, 3_200),
      });
  }
}

/** White noise of the scene's density on top, as `throughAir` would add it: in both fading is the same. */
function withNoise(iq: Float32Array, { rate, cnrDb, nominalHz, seed }: VoiceScene): Float32Array {
  const density = (LEVEL * LEVEL) / 10 ** (cnrDb / 10) / nominalHz;
  const sigma = Math.sqrt((density * rate) / 2);
  const random = new Random(seed, 0x4e_4f_49);
  return iq.map((value) => value + sigma * random.normal());
}

function key(signal: Float32Array, [from, to]: readonly [number, number]): void {
  signal.fill(0, 0, 2 * Math.round((from * signal.length) / 2));
  signal.fill(0, 2 * Math.round((to * signal.length) / 2));
}

function receive(iq: Float32Array, scene: VoiceScene): Float32Array {
  const { mode, rate, bandwidthHz, deviationHz, deemphasisUs, normalise, mistuneHz } = scene;
  const amplitude = mode === 'am' || mode === 'sam';
  const receiver = new Receiver({
    inputRate: rate,
    centreHz: 0,
    tuneHz: mistuneHz,
    mode,
    audioRate: VOICE_RATE,
    bandwidthHz,
    ...(mode === 'nbfm' || mode === 'wbfm' ? { deviationHz, deemphasisUs } : {}),
    agc: amplitude && normalise ? 'slow' : 'off',
    // Noise would lead it to another frequency than silence does.
    afc: false,
    removeDc: false,
  });
  return receiver.process(iq).audio.slice();
}

/**
 * Brings the noisy audio to an RMS, or less where the clean one would clip, and the clean one by the same gain. Noise may
 * clip: between two transmissions, narrow FM hisses 15 dB louder than it talks.
 */
function level(noisy: Float32Array, clean: Float32Array, levelDb: number): void {
  let power = 0;
  let highest = 1e-9;
  for (let n = 0; n < noisy.length; n++) {
    power += noisy[n] * noisy[n];
    highest = Math.max(highest, Math.abs(clean[n]));
  }
  const rms = Math.sqrt(power / noisy.length) + 1e-9;
  const gain = Math.min(10 ** (levelDb / 20) / rms, MOST_PEAK / highest);
  for (let n = 0; n < noisy.length; n++) {
    noisy[n] = Math.min(MOST_PEAK, Math.max(-MOST_PEAK, gain * noisy[n]));
    clean[n] *= gain;
  }
}
