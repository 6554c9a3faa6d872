import { InputError } from '../../errors.js';

/** Both signals hold the same number of samples, at least one, none of them NaN or infinite; otherwise an InputError. */
export function checkPair(
  metric: string,
  [firstName, first]: readonly [string, Float32Array],
  [secondName, second]: readonly [string, Float32Array],
): void {
  if (first.length !== second.length) {
    throw new InputError(
      'E_LENGTH_MISMATCH',
      `${metric}: the ${firstName} has ${first.length} samples and the ${secondName} ${second.length}.`,
      { hint: 'Compare recordings of the same length, aligned to the sample.' },
    );
  }
  if (first.length === 0) {
    throw new InputError('E_EMPTY', `${metric}: there are no samples to compare.`, {
      hint: 'Give at least one sample.',
    });
  }
  checkFinite(metric, firstName, first);
  checkFinite(metric, secondName, second);
}

/** The sample rate is a positive whole number of Hz; otherwise an InputError. */
export function checkRate(metric: string, sampleRate: number): void {
  if (!Number.isInteger(sampleRate) || sampleRate <= 0) {
    throw new InputError('E_SAMPLE_RATE', `${metric}: ${sampleRate} Hz is not a sample rate.`, {
      hint: 'Give a whole number of Hz above 0.',
    });
  }
}

/** The error for a clean signal with nothing in it, against which nothing can be measured. */
export function silentReference(metric: string): InputError {
  return new InputError('E_SILENT_REFERENCE', `${metric}: the clean signal is silent.`, {
    hint: 'Measure against a recording that holds speech.',
  });
}

function checkFinite(metric: string, name: string, signal: Float32Array): void {
  const at = signal.findIndex((sample) => !Number.isFinite(sample));
  if (at >= 0) {
    throw new InputError('E_NOT_FINITE', `${metric}: sample ${at} of the ${name} is ${signal[at]}.`, {
      hint: 'Repair the signal before it is measured.',
    });
  }
}
