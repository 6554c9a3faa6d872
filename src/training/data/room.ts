import { peak } from '../../audio/metrics/levels.js';
import type { Random } from '../../random.js';
import type { ClipPicker, ClipPlayer } from './clip-player.js';
import type { RemixConfig } from './remix-config.js';
import { drawImageRoom } from './synthesis/image-room.js';

/** Measured rooms: where they are drawn from, and what reads them. */
export interface MeasuredRooms {
  picker: ClipPicker;
  player: ClipPlayer;
}

/**
 * A room's response, written as what the target keeps and what it loses: direct sound of 1 at sample 0, then a
 * measured response, a shoebox by the image method or decaying noise, as the config says.
 *
 * @param early receives the response up to `earlySeconds`, faded out over 10 ms. @param late receives the rest
 * @param length samples of response to draw; both arrays must hold zeros
 */
export function drawRoom(
  early: Float32Array,
  late: Float32Array,
  length: number,
  sampleRate: number,
  config: RemixConfig,
  random: Random,
  measured?: MeasuredRooms,
): void {
  const response = late.subarray(0, length);
  let gain = 1;
  // Nothing is drawn for kinds that are off: a run keeps its rooms when it is resumed by a later version.
  if (measured !== undefined && random.chance(config.measuredRooms)) playRoom(response, measured, random);
  else {
    const isShoebox = config.imageRooms > 0 && random.chance(config.imageRooms);
    const decaySeconds = random.uniform(...config.reverberationSeconds);
    const ratio = 10 ** (-random.uniform(...config.directToReverberantDb) / 20);
    if (isShoebox) drawImageRoom(response, sampleRate, decaySeconds, random);
    else drawDecay(response, sampleRate, decaySeconds, random);
    const energy = response.reduce((sum, value) => sum + value * value, 0);
    gain = energy > 0 ? ratio / Math.sqrt(energy) : 0;
  }
  const keep = Math.round(config.earlySeconds * sampleRate);
  const fade = Math.max(1, Math.round(0.01 * sampleRate));
  for (let i = 0; i < length; i++) {
    const share = Math.max(0, Math.min(1, (keep - i) / fade + 1));
    const value = response[i] * gain;
    early[i] = value * share;
    late[i] = value * (1 - share);
  }
  early[0] = 1;
}

/** Gaussian noise that decays exponentially (J.-M. Polack 1988), 60 dB in the given time, duller as it decays. */
function drawDecay(out: Float32Array, sampleRate: number, decaySeconds: number, random: Random): void {
  const predelay = Math.round(random.uniform(0.001, 0.012) * sampleRate);
  // exp(−6.91 t / T60) is −60 dB at T60.
  const decay = Math.exp(-6.907755 / (decaySeconds * sampleRate));
  let envelope = 1;
  let smooth = 0;
  for (let i = predelay; i < out.length; i++) {
    // Air and walls swallow high frequencies first: a one-pole low-pass that closes from 0.9 to 0.4 with the decay.
    smooth += (0.4 + 0.5 * envelope) * (random.normal() - smooth);
    out[i] = smooth * envelope;
    envelope *= decay;
  }
}

/** A measured response from its loudest sample on, which becomes the direct sound, 1 at sample 0. */
function playRoom(out: Float32Array, { picker, player }: MeasuredRooms, random: Random): void {
  const whole = player.read(picker.pick(random));
  const highest = peak(whole);
  const direct = whole.findIndex((value) => Math.abs(value) === highest);
  const sounding = whole.subarray(direct, direct + out.length);
  for (let i = 0; i < sounding.length; i++) out[i] = sounding[i] / whole[direct];
  out[0] = 0;
}
