import { Random } from '../../src/random.js';
import type { Mode } from '../../streams/radio/modes.js';
import { Receiver } from '../../streams/radio/receiver.js';

/** Rate of the sounds, Hz: that of the models. */
const RATE = 16_000;
const IQ_RATE = 48_000;
/** Root mean square of what is made: −30 dBFS. */
const LEVEL = 10 ** (-30 / 20);

/** Noises of places that no corpus has: mains, and two receivers that hear no voice. `[time]` at 16 kHz. */
export const PLACE_NOISES: Readonly<Record<string, (seconds: number) => Float32Array>> = {
  mains: (seconds) => atLevel(mains(seconds)),
  'side-band': (seconds) => atLevel(received('usb', seconds, sideBand(new Random(21)))),
  'am-channel': (seconds) => atLevel(received('am', seconds, amChannel(new Random(41)))),
};

/** Hum of 50 Hz and its odd harmonics, the pulses of a dimmer 100 times a second, and hiss. */
function mains(seconds: number): Float32Array {
  const random = new Random(11);
  let hz = 50;
  let phase = 0;
  let pulse = 0;
  return Float32Array.from({ length: seconds * RATE }, (_, n) => {
    if (n % (RATE / 10) === 0) hz = 50 + 0.05 * random.normal();
    phase += hz / RATE;
    const wave = (k: number): number => Math.sin(2 * Math.PI * k * phase);
    pulse = 0.85 * pulse + ((2 * phase) % 1 < 0.02 ? random.normal() : 0);
    return 0.6 * wave(1) + 0.25 * wave(3) + 0.15 * wave(5) + 1.2 * pulse + 0.25 * random.normal();
  });
}

/** What comes in at one complex sample: adds to `out` 0 and 1. */
type Signal = (n: number, out: [number, number]) => void;

/** White noise, a whistle that wanders by 40 Hz, crackle of a power line at 100 Hz, and crashes of lightning. */
function sideBand(random: Random): Signal {
  let phase = 0;
  let crash = 0;
  return (n, out) => {
    const seconds = n / IQ_RATE;
    phase += (1130 + 40 * Math.sin(seconds / 9)) / IQ_RATE;
    if (random.next() < 0.8 / IQ_RATE) crash = random.uniform(2, 8);
    crash *= 1 - 1 / (0.03 * IQ_RATE);
    const crackle = (100 * seconds) % 1 < 0.015 ? 4 : 0;
    const noise = 1 + crash + crackle;
    out[0] += noise * random.normal() + 0.6 * Math.cos(2 * Math.PI * phase);
    out[1] += noise * random.normal() + 0.6 * Math.sin(2 * Math.PI * phase);
  };
}

/** A carrier without a voice, two weaker ones that beat with it, and white noise. */
function amChannel(random: Random): Signal {
  return (n, out) => {
    const seconds = n / IQ_RATE;
    const add = (hz: number, amplitude: number): void => {
      out[0] += amplitude * Math.cos(2 * Math.PI * hz * seconds);
      out[1] += amplitude * Math.sin(2 * Math.PI * hz * seconds);
    };
    add(0, 6);
    add(870 + 15 * Math.sin(seconds / 5), 1);
    add(-2310, 0.5);
    out[0] += random.normal();
    out[1] += random.normal();
  };
}

function received(mode: Mode, seconds: number, signal: Signal): Float32Array {
  const receiver = new Receiver({
    ...{ inputRate: IQ_RATE, centreHz: 0, tuneHz: 0, mode, audioRate: RATE },
    ...{ agc: 'off', afc: false, removeDc: false },
  });
  const out = new Float32Array(seconds * RATE);
  const block = new Float32Array(2 * IQ_RATE);
  const sample: [number, number] = [0, 0];
  let at = 0;
  for (let second = 0; at < out.length; second++) {
    for (let i = 0; i < IQ_RATE; i++) {
      sample.fill(0);
      signal(second * IQ_RATE + i, sample);
      block[2 * i] = 0.02 * sample[0];
      block[2 * i + 1] = 0.02 * sample[1];
    }
    const { audio } = receiver.process(block);
    // The filters' first tenth of a second is no noise.
    const from = second === 0 ? RATE / 10 : 0;
    const part = audio.subarray(from, from + out.length - at);
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function atLevel(samples: Float32Array): Float32Array {
  const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
  const gain = LEVEL / Math.sqrt(power);
  return samples.map((value) => Math.max(-1, Math.min(1, gain * value)));
}
