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

/** The noise of a place stays as it was recorded: nothing is mixed into it, and it plays at its own speed. */
const CAPTURED_REMIX: RemixOptions = {
  secondNoise: 0,
  colouredNoise: 0,
  syntheticNoise: 0,
  suddenNoise: 0,
  babble: 0,
  equaliserDb: 3,
  changedSpeed: 0,
  bandLimit: 0,
};

/** Seed of validation examples, apart from those of training. */
const VALIDATION_SEED = 99;
/** Added to a run's seed for examples with captured noise. */
const CAPTURED_SEED = 1_000_003;

/** What of a job decides its examples. */
interface ExampleRequest {
  clean?: string;
  noise?: string;
  captured?: string;
  exclude: readonly string[];
  remix: RemixOptions;
  settings: { seed: number; heldOut: number; fold: number; replay: number };
}

interface Examples {
  training: ExampleOptions;
  validation?: ExampleOptions;
  data: DataSummary;
}

/** What a job trains and validates on. @param samples length of an example */
export function denoiseExamples(
  job: ExampleRequest,
  { pairs, speech, noise, captured, rooms }: Readonly<Record<string, Recordings>>,
  samples: number,
): Examples {
  if (pairs !== undefined) return pairedExamples(job, pairs, samples);
  const { seed, heldOut, fold, replay } = job.settings;
  const halves = (recordings: Recordings, folder = '') =>
    splitLibrary(leaveOut(libraryOf(recordings), folder, job.exclude), heldOut, seed, fold);
  const voices = halves(speech, job.clean);
  const noises = halves(noise, job.noise);
  const place = captured && halves(captured, job.captured);
  const used = [speech, noise, captured, rooms].filter((one) => one !== undefined);
  const mixed = { speech: voices.train, rooms: rooms && libraryOf(rooms), samples };
  const anyNoise: ExampleOptions = { ...mixed, noise: noises.train, seed, config: job.remix };
  const training: ExampleOptions =
    place === undefined
      ? anyNoise
      : {
          parts: [
            { share: replay, examples: anyNoise },
            {
              share: 1 - replay,
              examples: {
                ...mixed,
                noise: place.train,
                seed: seed + CAPTURED_SEED,
                config: { ...job.remix, ...CAPTURED_REMIX },
              },
            },
          ],
          samples,
          seed,
        };
  return {
    training,
    ...(heldOut > 0 && {
      validation: {
        speech: voices.validation,
        noise: (place ?? noises).validation,
        samples,
        seed: VALIDATION_SEED,
        config: VALIDATION_REMIX,
      },
    }),
    data: {
      trainingSeconds: secondsOf(voices.train),
      validationSeconds: secondsOf(voices.validation),
      noiseSeconds: secondsOf((place ?? noises).train),
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
