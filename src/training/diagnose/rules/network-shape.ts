import { evidenceOf } from '../finding.js';
import { numberText } from '../number-text.js';
import type { Rule } from './rule.js';

/** Settings of liquid networks outside what usually works. Advice, never an alarm: a run may well succeed with them. */
export const networkShape: Rule = ({ settings }) => {
  const model = settings.text('model')?.toLowerCase();
  if (model !== 'cfc' && model !== 'ltc') return undefined;
  const hidden = settings.number('hidden');
  const inputs = settings.number('inputs');
  const units = settings.number('backboneUnits');
  const layers = settings.number('backboneLayers');
  const dropout = settings.number('backboneDropout');
  const activation = settings.text('activation');
  const odd: string[] = [];
  if (hidden !== undefined && inputs !== undefined && hidden < 2 * inputs) {
    odd.push(`hidden ${hidden} is under twice the input size of ${inputs} (2–4× is usual)`);
  }
  if (
    model === 'cfc' &&
    hidden !== undefined &&
    units !== undefined &&
    (units < 1.5 * hidden || units > 2 * hidden)
  ) {
    odd.push(
      `backboneUnits ${units} is ${numberText(units / Math.max(1, hidden))}× hidden (1.5–2× is usual)`,
    );
  }
  if (layers !== undefined && layers > 3)
    odd.push(`${layers} backbone layers are hard to train (1–2 is a start)`);
  if (dropout !== undefined && dropout > 0.4)
    odd.push(`backboneDropout ${dropout} is high (0.1–0.2 is a start)`);
  if (model === 'ltc' && activation !== undefined && activation !== 'tanh') {
    odd.push(`an LTC is stable with tanh, not with ${activation}`);
  }
  if (odd.length === 0) return undefined;
  return {
    code: 'unusual-shape',
    severity: 'info',
    what: `Unusual settings: ${odd.join('; ')}.`,
    remedy: 'If the run does not reach its goal, bring these back to the usual range first, one at a time.',
    evidence: evidenceOf({
      hidden,
      inputs,
      backboneUnits: units,
      backboneLayers: layers,
      backboneDropout: dropout,
    }),
  };
};
