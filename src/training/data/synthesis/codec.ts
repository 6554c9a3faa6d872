import type { Random } from '../../../random.js';
import { quantiseMuLaw } from '../level.js';

/** Steps of IMA ADPCM (IMA Digital Audio Focus, 1992): each is 1.1 times the one before. */
const IMA_STEPS = 89;
const imaStep = Float32Array.from({ length: IMA_STEPS }, (_, i) => (7 * 1.1 ** i) / 32768);
/** How far the step moves for each magnitude of a code of 2, 3 and 4 bits. */
const IMA_MOVES: Readonly<Record<number, readonly number[]>> = {
  2: [-1, 2],
  3: [-1, -1, 2, 4],
  4: [-1, -1, -1, -1, 2, 4, 6, 8],
};

/** Quantises in place like G.711 A-law (A = 87.6, 8 bits, continuous companding formula). */
export function quantiseALaw(samples: Float32Array): void {
  const a = 87.6;
  const norm = 1 + Math.log(a);
  for (let i = 0; i < samples.length; i++) {
    const x = Math.min(1, Math.abs(samples[i]!));
    const companded = x < 1 / a ? (a * x) / norm : (1 + Math.log(a * x)) / norm;
    const y = Math.round(companded * 127) / 127;
    samples[i] = Math.sign(samples[i]!) * (y < 1 / norm ? (y * norm) / a : Math.exp(y * norm - 1) / a);
  }
}

/** Codes and decodes in place with adaptive differences (IMA ADPCM): `bits` a sample, 2…4. */
export function quantiseAdpcm(samples: Float32Array, bits: 2 | 3 | 4): void {
  const moves = IMA_MOVES[bits]!;
  const levels = moves.length;
  let predicted = 0;
  let index = 20;
  for (let i = 0; i < samples.length; i++) {
    const step = imaStep[index]!;
    const difference = samples[i]! - predicted;
    const code = Math.min(levels - 1, Math.floor((Math.abs(difference) / step) * (levels / 2)));
    predicted += (Math.sign(difference) * step * (code + 0.5)) / (levels / 2);
    predicted = Math.max(-1, Math.min(1, predicted));
    index = Math.max(0, Math.min(IMA_STEPS - 1, index + moves[code]!));
    samples[i] = predicted;
  }
}

/** One of the codecs of telephones and recorders, drawn at random, in place: G.711 in both laws, ADPCM of 3 or 4 bits. */
export function applyCodec(samples: Float32Array, random: Random): void {
  const kind = random.integer(4);
  if (kind === 0) quantiseMuLaw(samples);
  else if (kind === 1) quantiseALaw(samples);
  else quantiseAdpcm(samples, kind === 2 ? 3 : 4);
}

/**
 * Loses packets of 20 ms in bursts (E. Gilbert 1960), in place: 1…8 % of them, replaced by silence or, as many
 * receivers do, by the packet before, softer each time.
 */
export function losePackets(samples: Float32Array, sampleRate: number, random: Random): void {
  const packet = Math.round(0.02 * sampleRate);
  const share = random.uniform(0.01, 0.08);
  const stay = random.uniform(0, 0.6);
  const repeat = random.chance(0.5) ? 0 : random.uniform(0.4, 0.9);
  let lost = false;
  for (let start = packet; start + packet <= samples.length; start += packet) {
    lost = random.chance(lost ? stay : (share * (1 - stay)) / (1 - share));
    if (!lost) continue;
    for (let i = start; i < start + packet; i++) samples[i] = repeat * samples[i - packet]!;
  }
}
