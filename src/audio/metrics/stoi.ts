import { InputError } from '../../errors.js';
import { checkPair, checkRate, silentReference } from './check.js';
import { octaveResample } from './octave-resample.js';
import { BANDS, removeSilentFrames, STOI_RATE, thirdOctaveAmplitudes } from './third-octaves.js';

/** Frames in a segment: 384 ms of speech. */
const SEGMENT = 30;
/** 1 + 10^(15/20): a band of the processed signal may exceed the clean one by no more than a signal-to-distortion of −15 dB. */
const CLIP = 1 + 10 ** (15 / 20);

/**
 * Extended short-time objective intelligibility: how well a listener would understand the processed speech.
 *
 * Both at 10 kHz, silent frames removed, third-octave amplitudes, segments of 30 frames whose rows (bands) and then columns
 * (frames) are brought to zero mean and unit norm; the mean of the inner products of the columns. Source: Jensen, Taal, "An
 * algorithm for predicting the intelligibility of speech masked by modulated noise maskers", IEEE/ACM TASLP 24(11), 2016;
 * agrees with the reference code in Python (pystoi, `extended=True`) to 1e-5. That code adds noise of 1e-16 to avoid
 * division by zero; here a band without change counts 0, so the figure is the same every time.
 *
 * @param clean `[samples]`, speech without noise.
 * @param processed `[samples]`, aligned with it.
 * @param sampleRate Hz; at least 10 000 for the measure to mean what was published.
 * @returns −1 … 1, where 1 is a perfect copy.
 * @throws InputError `E_LENGTH_MISMATCH`, `E_EMPTY`, `E_NOT_FINITE`, `E_SAMPLE_RATE`, `E_SILENT_REFERENCE`, or
 *   `E_TOO_SHORT` when less than 30 frames (about 0.4 s) of speech remain.
 */
export function estoi(clean: Float32Array, processed: Float32Array, sampleRate: number): number {
  const { x, y, segments } = analyse('ESTOI', clean, processed, sampleRate);
  const a = new Float64Array(BANDS * SEGMENT);
  const b = new Float64Array(BANDS * SEGMENT);
  let sum = 0;
  for (let first = 0; first < segments; first++) {
    normalise(x, first, a);
    normalise(y, first, b);
    for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  }
  return sum / (segments * SEGMENT);
}

/**
 * Short-time objective intelligibility, the older measure: the mean correlation of band envelopes over 384 ms, after the
 * processed envelope was scaled and clipped. Source: Taal, Hendriks, Heusdens, Jensen, "An algorithm for intelligibility
 * prediction of time-frequency weighted noisy speech", IEEE TASLP 19(7), 2011. Parameters, result and errors as in
 * {@link estoi}.
 */
export function stoi(clean: Float32Array, processed: Float32Array, sampleRate: number): number {
  const { x, y, segments } = analyse('STOI', clean, processed, sampleRate);
  let sum = 0;
  for (let first = 0; first < segments; first++) {
    for (let band = 0; band < BANDS; band++) sum += clippedCorrelation(x, y, first * BANDS + band);
  }
  return sum / (segments * BANDS);
}

function analyse(metric: string, clean: Float32Array, processed: Float32Array, sampleRate: number) {
  checkPair(metric, ['clean signal', clean], ['processed signal', processed]);
  checkRate(metric, sampleRate);
  if (clean.every((sample) => sample === 0)) throw silentReference(metric);
  const speech = removeSilentFrames(
    octaveResample(clean, sampleRate, STOI_RATE),
    octaveResample(processed, sampleRate, STOI_RATE),
  );
  const x = thirdOctaveAmplitudes(speech.clean);
  const y = thirdOctaveAmplitudes(speech.processed);
  const segments = x.length / BANDS - SEGMENT + 1;
  if (segments < 1) {
    throw new InputError(
      'E_TOO_SHORT',
      `${metric}: ${(clean.length / sampleRate).toFixed(2)} s hold less than the 0.4 s of speech that it needs.`,
      { hint: 'Measure a longer recording.' },
    );
  }
  return { x, y, segments };
}

/** Rows, then columns, of the segment `[SEGMENT][BANDS]` that starts at a frame: zero mean and unit norm, into `out`. */
function normalise(amplitudes: Float64Array, firstFrame: number, out: Float64Array): void {
  out.set(amplitudes.subarray(firstFrame * BANDS, (firstFrame + SEGMENT) * BANDS));
  for (let band = 0; band < BANDS; band++) normaliseLine(out, band, SEGMENT, BANDS);
  for (let frame = 0; frame < SEGMENT; frame++) normaliseLine(out, frame * BANDS, BANDS, 1);
}

function normaliseLine(values: Float64Array, start: number, count: number, step: number): void {
  const end = start + count * step;
  let mean = 0;
  for (let i = start; i < end; i += step) mean += values[i]! / count;
  let power = 0;
  for (let i = start; i < end; i += step) power += (values[i]! - mean) ** 2;
  const scale = power === 0 ? 0 : 1 / Math.sqrt(power);
  for (let i = start; i < end; i += step) values[i] = (values[i]! - mean) * scale;
}

const cleanLine = new Float64Array(SEGMENT);
const processedLine = new Float64Array(SEGMENT);

function clippedCorrelation(x: Float64Array, y: Float64Array, start: number): number {
  let cleanPower = 0;
  let processedPower = 0;
  for (let t = 0; t < SEGMENT; t++) {
    cleanPower += x[start + t * BANDS]! ** 2;
    processedPower += y[start + t * BANDS]! ** 2;
  }
  const scale = Math.sqrt(cleanPower) / (Math.sqrt(processedPower) + Number.EPSILON);
  for (let t = 0; t < SEGMENT; t++) {
    cleanLine[t] = x[start + t * BANDS]!;
    processedLine[t] = Math.min(y[start + t * BANDS]! * scale, cleanLine[t]! * CLIP);
  }
  normaliseLine(cleanLine, 0, SEGMENT, 1);
  normaliseLine(processedLine, 0, SEGMENT, 1);
  let sum = 0;
  for (let t = 0; t < SEGMENT; t++) sum += cleanLine[t]! * processedLine[t]!;
  return sum;
}
