import type { Random } from '../../random.js';
import type { ClipPicker, ClipPlayer } from './clip-player.js';
import type { RemixConfig } from './remix-config.js';

/** Stretches of one clip overlap by this much where it is repeated, with the player's fades: no gap, no click. */
const JOIN_SECONDS = 0.005;

/**
 * Fills `out[0…length)` with speech of one speaker: a random place in an utterance, then further utterances of the
 * same group after random pauses. `out` must hold zeros.
 */
export function fillSpeech(
  out: Float32Array,
  length: number,
  picker: ClipPicker,
  player: ClipPlayer,
  config: RemixConfig,
  random: Random,
): void {
  const { sampleRate } = picker.library;
  let clip = picker.pick(random);
  const whole = clip.length;
  // A longer clip starts anywhere that still fills the example; a shorter one starts whole, somewhere inside it.
  let from = 0;
  let at = 0;
  if (whole > length) from = random.integer(whole - length + 1);
  else at = Math.min(random.integer(length - whole + 1), Math.round(config.pauseSeconds * sampleRate));
  while (at < length) {
    const count = Math.min(clip.length - from, length - at);
    player.add(clip, from, out, at, count);
    at += count + Math.floor(random.next() * config.pauseSeconds * sampleRate) + 1;
    from = 0;
    clip = picker.pickFromGroup(random, clip);
  }
  if (random.chance(config.longPause)) {
    const pause = Math.floor(random.uniform(0.3, 0.7) * length);
    const start = random.integer(length - pause + 1);
    const fade = Math.round(0.01 * sampleRate);
    for (let i = start; i < start + pause; i++) {
      const inside = Math.min(i - start + 1, start + pause - i, fade);
      out[i] *= 1 - inside / fade;
    }
  }
}

/** Fills `out[0…length)` with a random place of one recording of noise, repeated where it is too short. */
export function fillNoise(
  out: Float32Array,
  length: number,
  picker: ClipPicker,
  player: ClipPlayer,
  random: Random,
): void {
  const { sampleRate } = picker.library;
  const clip = picker.pick(random);
  const join = Math.round(JOIN_SECONDS * sampleRate);
  const whole = clip.length;
  let from = random.integer(whole > length ? whole - length + 1 : whole);
  // Short sounds (a bark, a click) come back after a pause, as they do in life; longer ones go on without a seam.
  const gap = whole < sampleRate ? 0.5 * sampleRate : 0;
  for (let at = 0; at < length; ) {
    const count = Math.min(clip.length - from, length - at);
    player.add(clip, from, out, at, count);
    at += Math.max(1, count - join + Math.floor(random.next() * gap));
    from = 0;
  }
}
