import type { ExampleOptions } from '../data/batch.js';
import type { DataSummary } from '../data/data-summary.js';
import { type ClipLibrary, leaveOut } from '../data/library.js';
import { libraryOf, pairsOf, type Recordings } from '../data/recordings.js';
import type { RemixOptions } from '../data/remix-config.js';
import { splitLibrary, splitPairs } from '../data/split.js';

/** Remixing that validation leaves out: it measures what people record, not what widens the training. */
const VALIDATION_REMIX: RemixOptions = {
  snrDb: [-5, 20],
  noiseOnly: 0,
  cleanOnly: 0,
  reverberation: 0,
  bandLimit: 0,
  clipping: 0,
  changedSpeed: 0,
};

/** Seed of validation examples, apart from those of training. */
const VALIDATION_SEED = 99;

/** What of a job decides its examples. */
interface ExampleRequest {
  clean?: string;
  noise?: string;
  exclude: readonly string[];
  remix: RemixOptions;
  settings: { seed: number; heldOut: number; fold: number };
}

interface Examples {
  training: ExampleOptions;
  validation?: ExampleOptions;
  data: DataSummary;
}

/** What a job trains and validates on. @param samples length of an example */
export function denoiseExamples(
  job: ExampleRequest,
  { pairs, speech, noise, rooms }: Readonly<Record<string, Recordings>>,
  samples: number,
): Examples {
  if (pairs !== undefined) return pairedExamples(job, pairs, samples);
  const { seed, heldOut, fold } = job.settings;
  const halves = (recordings: Recordings, folder = '') =>
    splitLibrary(leaveOut(libraryOf(recordings), folder, job.exclude), heldOut, seed, fold);
  const voices = halves(speech, job.clean);
  const noises = halves(noise, job.noise);
  const used = [speech, noise, ...(rooms === undefined ? [] : [rooms])];
  return {
    training: {
      speech: voices.train,
      noise: noises.train,
      rooms: rooms && libraryOf(rooms),
      samples,
      seed,
      config: job.remix,
    },
    ...(heldOut > 0 && {
      validation: {
        speech: voices.validation,
        noise: noises.validation,
        samples,
        seed: VALIDATION_SEED,
        config: VALIDATION_REMIX,
      },
    }),
    data: {
      trainingSeconds: secondsOf(voices.train),
      validationSeconds: secondsOf(voices.validation),
      noiseSeconds: secondsOf(noises.train),
      skipped: used.flatMap(({ report }) => report.skipped),
      hash: used.map(({ report }) => report.hash).join(':'),
      split: voices.by,
    },
  };
}

function pairedExamples({ settings }: ExampleRequest, recordings: Recordings, samples: number): Examples {
  const { seed, heldOut, fold } = settings;
  const { train, validation, by } = splitPairs(pairsOf(recordings), heldOut, seed, fold);
  return {
    training: { pairs: train, samples, seed },
    ...(heldOut > 0 && { validation: { pairs: validation, samples, seed: VALIDATION_SEED } }),
    data: {
      trainingSeconds: secondsOf(train.clean),
      validationSeconds: secondsOf(validation.clean),
      noiseSeconds: 0,
      skipped: recordings.report.skipped,
      hash: recordings.report.hash,
      split: by,
    },
  };
}

const secondsOf = ({ clips, sampleRate }: ClipLibrary): number =>
  clips.reduce((sum, { length }) => sum + length, 0) / sampleRate;
