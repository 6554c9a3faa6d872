import { Checkpoint } from '../../models/checkpoint.js';
import { ModelError } from '../errors.js';
import { Random } from '../random.js';
import { createSession, floatTensor, type InferenceSession, type Tensor } from './runtime.js';

/** Sequences made in one call of the runtime. */
const ROWS = 8;

/** Share of a sequence in which it gives way to the next one. */
const CROSSFADE = 0.25;

/**
 * Synthesises noise with a `seqvae` checkpoint: one sequence per draw of the code, each fading into the next at equal
 * power. Runs the model on the calling thread.
 */
export class NoiseGenerator {
  private constructor(
    private readonly session: InferenceSession,
    private readonly states: readonly { name: string; shape: readonly number[] }[],
    private readonly hop: number,
    private readonly frames: number,
    /** Hz */
    readonly sampleRate: number,
  ) {}

  /** @throws ModelError `E_NOT_A_GENERATOR` when the checkpoint is of another family */
  static async fromBytes(bytes: Uint8Array): Promise<NoiseGenerator> {
    const { family, states, hop, config, sampleRate } = Checkpoint.parse(bytes).info;
    if (family !== 'seqvae')
      throw new ModelError(
        'E_NOT_A_GENERATOR',
        `A model of the family "${family}" does not synthesise noise.`,
        {
          hint: 'Train one of the family seqvae on a recording of the noise.',
        },
      );
    const { frames } = config as { frames: number };
    return new NoiseGenerator(await createSession(bytes), states, hop, frames, sampleRate);
  }

  /**
   * Noise, the same for the same seed.
   * @param samples how many
   * @param spread how far codes are from the most usual one; 1 as heard, 0 always the most usual. Default 1
   */
  async generate(samples: number, seed: number, spread = 1): Promise<Float32Array> {
    // A sequence's first hop lacks the window before it.
    const length = (this.frames - 1) * this.hop;
    const fade = Math.max(this.hop, Math.round(CROSSFADE * length));
    const advance = length - fade;
    const noise = new Float32Array(samples);
    const sequences = Math.ceil(samples / advance) + 1;
    for (let first = 0; first < sequences; first += ROWS) {
      const rows = await this.#sequences(first, seed, spread);
      rows.forEach((row, i) => {
        const start = (first + i) * advance - fade;
        for (let n = Math.max(0, -start); n < length && start + n < samples; n++)
          noise[start + n] += fadeGain(n, length, fade) * row[this.hop + n];
      });
    }
    return noise;
  }

  async #sequences(first: number, seed: number, spread: number): Promise<Float32Array[]> {
    const samples = this.frames * this.hop;
    const rows = Array.from({ length: ROWS }, (_, i) => new Random(seed, first + i));
    const normals = (size: number, deviation: number): Float32Array => {
      const values = new Float32Array(ROWS * size);
      rows.forEach((random, row) => {
        for (let i = 0; i < size; i++) values[row * size + i] = deviation * random.normal();
      });
      return values;
    };
    const inputs: Record<string, Tensor> = { audio: floatTensor(normals(samples, 1), [ROWS, samples]) };
    for (const { name, shape } of this.states) {
      const size = shape.reduce((a, b) => a * b, 1);
      const values = name === 'state.code' ? normals(size, spread) : new Float32Array(ROWS * size);
      inputs[name] = floatTensor(values, [ROWS, ...shape]);
    }
    const clean = (await this.session.run(inputs)).clean.data as Float32Array;
    return rows.map((_, row) => clean.subarray(row * samples, (row + 1) * samples));
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

/** Rises over the first `fade` samples and falls over the last, so that the powers of two neighbours add up to 1. */
function fadeGain(n: number, length: number, fade: number): number {
  const edge = Math.min(n + 0.5, length - n - 0.5);
  return edge < fade ? Math.sin((Math.PI / 2) * (edge / fade)) : 1;
}
