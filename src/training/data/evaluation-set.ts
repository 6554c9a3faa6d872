import { TrainingError } from '../../errors.js';
import type { ClipLibrary } from './library.js';
import { Remixer } from './remix.js';
import type { RemixOptions } from './remix-config.js';

/** One mixture of known parts. */
export interface EvaluationMixture {
  /** `[samples]`, full scale ±1. */
  noisy: Float32Array;
  /** `[samples]`, at the level it has in the mixture. */
  clean: Float32Array;
  /** Active speech to noise, dB. */
  snrDb: number;
}

export interface EvaluationSetOptions {
  /** Speakers kept apart from training ({@link splitLibrary}). */
  speech: ClipLibrary;
  /** Noises kept apart from training. */
  noise: ClipLibrary;
  /** Number of mixtures. Default 60. */
  count?: number;
  /** Length of each, seconds. Default 4. */
  seconds?: number;
  /** Lowest and highest ratio in dB, evenly spread over the mixtures. Default −5…20. */
  snrDb?: [number, number];
  /** Any integer. Default 1. */
  seed?: number;
}

/** One recording of speech in one of noise, as recorded: what an evaluation hears must not depend on augmentation. */
const AS_RECORDED: RemixOptions = {
  levelDb: [-26, -26],
  secondNoise: 0,
  colouredNoise: 0,
  babble: 0,
  noiseOnly: 0,
  cleanOnly: 0,
  equaliserDb: 0,
  changedSpeed: 0,
  longPause: 0,
  reverberation: 0,
  bandLimit: 0,
  clipping: 0,
};
const ATTEMPTS = 100;

/**
 * A fixed set of mixtures for validation and for a model card's figures: the same for the same libraries and seed.
 *
 * @throws {TrainingError} `E_NO_AUDIO` when a library is empty or holds nothing but silence
 */
export function makeEvaluationSet(options: EvaluationSetOptions): EvaluationMixture[] {
  const { speech, noise, count = 60, seconds = 4, snrDb: range = [-5, 20], seed = 1 } = options;
  const samples = Math.round(seconds * speech.sampleRate);
  const remixer = new Remixer({ speech, noise, samples, seed, config: AS_RECORDED });
  return Array.from({ length: count }, (_, i) => {
    const snrDb = range[0] + ((range[1] - range[0]) * i) / Math.max(1, count - 1);
    const noisy = new Float32Array(samples);
    const clean = new Float32Array(samples);
    // A stretch without any noise (between two barks) has no ratio; the next draw takes another.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const made = remixer.example(i + attempt * count, noisy, clean, snrDb);
      if (Number.isFinite(made.snrDb)) return { noisy, clean, snrDb };
    }
    throw new TrainingError(
      'E_NO_AUDIO',
      'The recordings held out for evaluation are silent almost everywhere.',
      {
        hint: 'Hold out a larger share of them.',
      },
    );
  });
}
