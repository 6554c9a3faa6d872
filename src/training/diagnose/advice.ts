import type { Finding } from './finding.js';
import { numberText } from './number-text.js';
import type { Tier } from './tiers.js';

const TIER_SENTENCES: Record<Tier | 'unknown', string> = {
  excellent: 'The result is excellent',
  good: 'The result is good',
  minimum: 'The result meets the minimum',
  none: 'The result does not meet the minimum yet',
  unknown: '',
};

/** One paragraph: how good the run is, what the matter is, what to do, what not to do. */
export function adviceOn(state: {
  findings: readonly Finding[];
  primary: Finding | undefined;
  tier: Tier | 'unknown';
  kept: { epoch: number; train: number; unseen?: number } | undefined;
}): string {
  const { findings, primary, tier, kept } = state;
  const sentences: string[] = [];
  if (tier !== 'unknown' && kept?.unseen !== undefined) {
    sentences.push(
      `${TIER_SENTENCES[tier]}: ${numberText(kept.train)} on training data and ${numberText(kept.unseen)} on unseen data in epoch ${kept.epoch}.`,
    );
  }
  const told = primary ?? findings.find((finding) => finding.severity === 'good') ?? findings[0];
  if (told === undefined) {
    sentences.push('Nothing stands out: the run is neither in trouble nor done. Let it go on.');
  } else {
    sentences.push(told.what, told.remedy, ...(told.avoid ?? []));
  }
  const others = findings.filter(
    (finding) => finding !== told && (finding.severity === 'critical' || finding.severity === 'serious'),
  );
  if (primary !== undefined && others.length > 0) {
    sentences.push(
      `Change one thing at a time: look again at ${others.map((finding) => finding.code).join(', ')} after that.`,
    );
  }
  return sentences.join(' ');
}
