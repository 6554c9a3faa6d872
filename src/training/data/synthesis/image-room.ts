import type { Random } from '../../../random.js';

const SPEED_OF_SOUND = 343;
/** Images are counted one by one up to this delay, some 400 in a living room; the tail after it is noise. */
const IMAGE_SECONDS = 0.05;

/**
 * The response of a shoebox room after the direct sound at sample 0, by the image method (J. Allen, D. Berkley 1979),
 * continued as decaying noise after 50 ms. Room, places and distance are drawn; the scale is that of a direct sound of 1.
 *
 * @param out `[samples]`, holds zeros and is added to
 * @param decaySeconds time in which the response falls by 60 dB; sets how much the walls reflect (Eyring)
 */
export function drawImageRoom(
  out: Float32Array,
  sampleRate: number,
  decaySeconds: number,
  random: Random,
): void {
  const size = [random.uniform(2.5, 9), random.uniform(2.2, 7), random.uniform(2.2, 4)];
  const inside = (length: number) => random.uniform(0.3, length - 0.3);
  const source = size.map(inside);
  // Most microphones are near: within 0.3…2.5 m, and never outside the room.
  const away = random.uniform(0.3, 2.5);
  const microphone = size.map((length, axis) =>
    Math.max(0.2, Math.min(length - 0.2, source[axis]! + away * random.uniform(-1, 1))),
  );
  const [width, depth, height] = size as [number, number, number];
  const volume = width * depth * height;
  const surface = 2 * (width * depth + width * height + depth * height);
  const reflection = Math.sqrt(Math.exp((-0.161 * volume) / (surface * decaySeconds)));
  const direct = Math.max(0.1, distance(source, microphone));
  const reach = direct + IMAGE_SECONDS * SPEED_OF_SOUND;

  const axes = size.map((length, axis) => images(length, source[axis]!, microphone[axis]!, reach));
  let last = 0;
  const lastFrom = Math.round(0.6 * IMAGE_SECONDS * sampleRate);
  const imageEnd = Math.min(out.length, Math.round(IMAGE_SECONDS * sampleRate));
  for (const x of axes[0]!)
    for (const y of axes[1]!) {
      const flat = x.offset * x.offset + y.offset * y.offset;
      if (flat > reach * reach) continue;
      for (const z of axes[2]!) {
        const path = Math.sqrt(flat + z.offset * z.offset);
        const bounces = x.bounces + y.bounces + z.bounces;
        if (bounces === 0 || path > reach) continue;
        const at = Math.round(((path - direct) / SPEED_OF_SOUND) * sampleRate);
        if (at >= imageEnd) continue;
        // Real walls scatter: the sign of later images is random, or they add up to a comb at 0 Hz.
        const sign = bounces > 1 && random.chance(0.5) ? -1 : 1;
        const value = (sign * reflection ** bounces * direct) / path;
        out[Math.max(1, at)]! += value;
        if (at >= lastFrom) last += value * value;
      }
    }
  // The tail goes on with the power of the last images, duller than they are.
  const decay = Math.exp(-6.907755 / (decaySeconds * sampleRate));
  let envelope = Math.sqrt((3 * last) / Math.max(1, imageEnd - lastFrom));
  let smooth = 0;
  for (let i = imageEnd; i < out.length; i++) {
    smooth += 0.6 * (random.uniform(-1, 1) - smooth);
    out[i] = 1.5 * smooth * envelope;
    envelope *= decay;
  }
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, axis) => value - b[axis]!));
}

/** Offsets along one axis from the microphone to the source's images within `reach`, and how often each was reflected. */
function images(length: number, source: number, microphone: number, reach: number) {
  const found: { offset: number; bounces: number }[] = [];
  const most = Math.ceil(reach / (2 * length)) + 1;
  for (let n = -most; n <= most; n++) {
    const same = 2 * n * length + source - microphone;
    const mirrored = 2 * n * length - source - microphone;
    if (Math.abs(same) <= reach) found.push({ offset: same, bounces: Math.abs(2 * n) });
    if (Math.abs(mirrored) <= reach) found.push({ offset: mirrored, bounces: Math.abs(2 * n - 1) });
  }
  return found;
}
