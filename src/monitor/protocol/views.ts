/** Models, trainings and studies as the page shows them: JSON-safe, with `null` for numbers that are not finite. */

/** Who serves a use; versions are SHA-256 in hex, `null` is the model that ships with the program. */
interface UseView {
  use: 'speech' | 'radio';
  champion: string | null;
  candidate: string | null;
  /** Champions that rollbacks lead to, the next one first. */
  before: (string | null)[];
}

/** One number that a candidate was judged by. */
interface CheckView {
  name: string;
  value: number | null;
  limit: number;
  mustBe: 'least' | 'most';
  holds: boolean;
  unit: string;
}

/** What the gate said of a candidate. */
export interface JudgementView {
  /** Which retuning: the time it began, ISO 8601. */
  id: string;
  use: 'speech' | 'radio' | null;
  verdict: 'promote' | 'reject' | 'inconclusive';
  reason: string;
  checks: CheckView[];
  /** What there is to be heard, at `listen/ID/NAME.wav`: the same speech as it was, through the champion, through the candidate. */
  sounds: string[];
}

export interface ModelsView {
  uses: UseView[];
  /** The newest first. */
  versions: { version: string; added: string; origin: string }[];
  /** The newest first. */
  judgements: JudgementView[];
}

/** One epoch; of a long run, one of several. */
export interface EpochView {
  epoch: number;
  train: number | null;
  validation: number | null;
  learningRate: number | null;
  gradientNorm: number | null;
}

export interface TrainingView {
  /** Folder of the run. */
  name: string;
  status: string;
  step: number;
  /** `null` where the run does not tell. */
  totalSteps: number | null;
  parameters: number | null;
  device: string;
  epochs: EpochView[];
  /** Training loss by step, for runs whose epochs are long: one step of several. */
  steps: { step: number; train: number | null }[];
  /** Epoch with the lowest loss on data that was not trained on. */
  bestEpoch: number | null;
  /** What the training doctor says, the worst first. */
  findings: { severity: string; what: string; remedy: string }[];
}

/** A line of a chart. */
export interface LineView {
  label: string;
  x: number[];
  y: (number | null)[];
}

export interface TrialView {
  number: number;
  state: string;
  params: Record<string, string | number | boolean>;
  /** First objective: of a complete trial its value, else the last report. */
  value: number | null;
  /** The last step that it reported. */
  step: number | null;
}

export interface TuningView {
  name: string;
  metric: string;
  direction: 'minimise' | 'maximise';
  counts: Record<string, number>;
  /** Best first; those without a value last. */
  trials: TrialView[];
  /** Values of complete trials in the order in which they ended, and the best so far. */
  history: LineView[];
  /** Reports of trials by step, the best trial last. */
  curves: LineView[];
  /** Share that each hyperparameter has in the result; `null` with too few trials. */
  importance: { name: string; share: number | null }[];
  /** Steps at which trials stopped to be compared: how many reached them, and how many went further. */
  rungs: { step: number; reached: number; further: number }[];
}
