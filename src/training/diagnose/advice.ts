import type { RunStatus } from '../run/run-status.js';
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

/** What became of the run. */
const STATUS_SENTENCES: Record<RunStatus, string> = {
  running: 'The run is still going on.',
  paused: 'The run is paused; it can go on with --resume.',
  killed: 'The run was ended from outside before it was done; it can go on with --resume.',
  'early-stopped': '',
  finished: 'The run is finished.',
  failed: 'The run ended with an error; once its cause is gone it can go on with --resume.',
};

/** What to say of a run that nothing stands out in. */
const UNREMARKABLE: Record<RunStatus | 'unknown', string> = {
  running: 'Nothing stands out so far. Let it go on.',
  paused: 'Nothing stands out so far.',
  killed: 'Nothing stands out so far.',
  failed: 'Nothing else stands out.',
  'early-stopped': 'Nothing stands out: use the weights of its best epoch, and listen to what they do.',
  finished: 'Nothing stands out: use the weights of its best epoch, and listen to what they do.',
  unknown: 'Nothing stands out: the run is neither in trouble nor done. Let it go on.',
};

/** One paragraph: what became of the run, how good the run is, what the matter is, what to do, what not to do. */
export function adviceOn(state: {
  findings: readonly Finding[];
  primary: Finding | undefined;
  tier: Tier | 'unknown';
  kept: { epoch: number; train: number; unseen?: number } | undefined;
  status?: RunStatus;
}): string {
  const { findings, primary, tier, kept, status } = state;
  const sentences = status === undefined || STATUS_SENTENCES[status] === '' ? [] : [STATUS_SENTENCES[status]];
  if (tier !== 'unknown' && kept?.unseen !== undefined) {
    sentences.push(
      `${TIER_SENTENCES[tier]}: ${numberText(kept.train)} on training data and ${numberText(kept.unseen)} on unseen data in epoch ${kept.epoch}.`,
    );
  }
  const told = primary ?? findings.find((finding) => finding.severity === 'good') ?? findings[0];
  if (told === undefined) {
    sentences.push(UNREMARKABLE[status ?? 'unknown']);
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
