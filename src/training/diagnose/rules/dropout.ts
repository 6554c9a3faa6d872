import { evidenceOf } from '../finding.js';
import { numberText } from '../number-text.js';
import type { Rule } from './rule.js';

/** Training loss with and without dropout closer than this share are the same number. */
const SAME = 1e-6;

/**
 * Dropout that is configured and does nothing. In a CfC backbone dropout sits behind the second and later layers only, so
 * that with one layer it is silently absent (as in the reference implementation, `ncps.torch`); elsewhere it shows in a
 * training loss that is the same with dropout and without.
 */
export const deadDropout: Rule = ({ settings, epochs }) => {
  const backbone = settings.number('backboneDropout') ?? 0;
  const layers = settings.number('backboneLayers');
  if (backbone > 0 && layers !== undefined && layers < 2) {
    return {
      code: 'dead-dropout',
      severity: 'watch',
      what: `backboneDropout ${numberText(backbone)} has no effect: dropout acts from the second backbone layer on, and there ${
        layers === 1 ? 'is one layer' : 'is none'
      }.`,
      remedy: 'Use two backbone layers, or set the dropout to 0 so that the configuration says what happens.',
      evidence: evidenceOf({ backboneDropout: backbone, backboneLayers: layers }),
      patch: settings.spelled({ backboneLayers: 2 }),
      start: 'initial',
    };
  }
  const dropout = Math.max(backbone, settings.number('dropout') ?? 0);
  const compared = epochs.filter(
    ({ trainLoss, trainLossWithoutDropout: without }) =>
      Number.isFinite(trainLoss) && Number.isFinite(without),
  );
  if (dropout <= 0 || compared.length < 2) return undefined;
  const difference = compared.reduce(
    (most, { trainLoss, trainLossWithoutDropout: without }) =>
      Math.max(most, Math.abs(trainLoss - without!) / Math.max(Math.abs(trainLoss), Number.MIN_VALUE)),
    0,
  );
  if (!(difference < SAME)) return undefined;
  return {
    code: 'dead-dropout',
    severity: 'watch',
    what: `Dropout ${numberText(dropout)} is configured, but the training loss is the same without it.`,
    remedy: 'This model has no place where dropout acts with these settings: add a layer, or set it to 0.',
    evidence: evidenceOf({ dropout, difference }),
  };
};
