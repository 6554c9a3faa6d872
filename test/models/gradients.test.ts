/** The gradient of every family in every form it is built in. */
import { describe, it } from 'vitest';
import { conformanceCases } from '../support/conformance-cases.js';
import { checkFamilyGradients } from '../support/family-gradients.js';

describe.each(conformanceCases)('$family $label', ({ family, settings }) => {
  it.each(['scan', 'unroll'] as const)('equals the difference quotient, as %s', async (layout) => {
    // The runtime has no error function in double precision; the derivative of gelu is checked with the operations.
    const inDouble =
      (settings as { activation?: string }).activation === 'gelu'
        ? { ...(settings as object), activation: 'lecun_tanh' }
        : settings;
    await checkFamilyGradients(family, inDouble, layout);
  });
});
