/** The gradient of every family in every form it is built in. */
import { describe, it } from 'vitest';
import { conformanceCases } from '../support/conformance-cases.js';
import { checkFamilyGradients } from '../support/family-gradients.js';

describe.each(conformanceCases)('$family $label', ({ family, settings }) => {
  it.each(['scan', 'unroll'] as const)('equals the difference quotient, laid as %s', async (layout) => {
    await checkFamilyGradients(family, settings, layout);
  });
});
