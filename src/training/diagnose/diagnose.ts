import type { TrainingEvent } from '../loop/training-events.js';
import type { RunStatus } from '../run/run-status.js';
import { adviceOn } from './advice.js';
import { type Alternative, LSTM_ALTERNATIVES, RATE_ALTERNATIVES } from './alternatives.js';
import { type ConfigPatch, type Finding, type Severity, type Start, severityRank } from './finding.js';
import { trainCommand } from './next-command.js';
import { RULES } from './rules/index.js';
import { keptPoint, type RunView, unseenLoss, viewRun } from './run-view.js';
import { successTier, type Tier } from './tiers.js';

/** Scores of the epoch whose weights are kept. */
export interface KeptEpoch {
  epoch: number;
  train: number;
  /** On data that was not trained on. */
  unseen?: number;
  ratio?: number;
}

export interface Diagnosis {
  /** What became of the run, where that is known. */
  status?: RunStatus;
  /** Worst first; causes before their consequences. */
  findings: Finding[];
  /** `unknown` where nothing was measured on unseen data, or the loss is no mean squared error. */
  tier: Tier | 'unknown';
  kept?: KeptEpoch;
  /** The finding whose remedy comes first; one change at a time. */
  primary?: Finding;
  /** One paragraph for a person. */
  advice: string;
  /** The command to run next, where there is one. */
  nextCommand?: string;
  /** What else to try if the remedy does not help. */
  alternatives: Alternative[];
}

/**
 * What is wrong with a training run, how good it is, and what to do next. Deterministic; takes every run, also an empty or
 * a broken one.
 * @param run as `readRun` gives it, or events alone
 */
export function diagnose(run: {
  events: readonly TrainingEvent[];
  config?: Readonly<Record<string, unknown>>;
  path?: string;
  status?: RunStatus;
}): Diagnosis {
  const config = run.config ?? {};
  const view = viewRun(run.events, config, run.status);
  const findings = findingsOf(view);
  const primary = primaryOf(findings);
  const kept = keptEpoch(view);
  const tier = tierOf(view, kept);
  return {
    ...(run.status === undefined ? {} : { status: run.status }),
    findings,
    tier,
    ...(kept === undefined ? {} : { kept }),
    ...(primary === undefined ? {} : { primary }),
    advice: adviceOn({ findings, primary, tier, kept, status: run.status }),
    ...(primary?.patch === undefined
      ? {}
      : { nextCommand: trainCommand(config, run.path, primary.patch, primary.start ?? 'initial') }),
    alternatives: alternativesFor(view, primary),
  };
}

/** Findings of all rules, worst first. @param live only those that say something while the run goes on */
export function findingsOf(view: RunView, live = false): Finding[] {
  const found: Finding[] = [];
  const harmful = new Set<string>();
  for (const entry of RULES) {
    if (live && !entry.live) continue;
    if (entry.unless?.some((code) => harmful.has(code))) continue;
    const finding = entry.rule(view);
    if (finding === undefined) continue;
    found.push(finding);
    if (severityRank(finding.severity) <= severityRank('serious')) harmful.add(finding.code);
  }
  return found.sort((a, b) => severityRank(a.severity) - severityRank(b.severity));
}

/** A remedy that a program can apply by itself. */
export interface RemedyPatch {
  code: string;
  severity: Severity;
  patch: ConfigPatch;
  start: Start;
}

/**
 * The settings of the primary remedy, for tuning to apply without a person.
 * @param atLeast mildest severity that is acted on. Default `serious`
 */
export function remedyPatch(diagnosis: Diagnosis, atLeast: Severity = 'serious'): RemedyPatch | undefined {
  const { primary } = diagnosis;
  if (primary?.patch === undefined || severityRank(primary.severity) > severityRank(atLeast))
    return undefined;
  return {
    code: primary.code,
    severity: primary.severity,
    patch: primary.patch,
    start: primary.start ?? 'initial',
  };
}

/** Of the worst findings the first that settings can cure; where none can, the first. Nothing below `watch`. */
function primaryOf(findings: readonly Finding[]): Finding | undefined {
  const worst = findings.filter(
    (finding) =>
      finding.severity === findings[0].severity && severityRank(finding.severity) <= severityRank('watch'),
  );
  // A critical finding without settings, such as weights that do not move, must not be passed over for a milder cure.
  return worst.find((finding) => finding.patch !== undefined) ?? worst[0];
}

function keptEpoch(view: RunView): KeptEpoch | undefined {
  const kept = keptPoint(view);
  if (kept === undefined) return undefined;
  const unseen = unseenLoss(kept);
  const ratio = unseen === undefined || kept.train === 0 ? undefined : unseen / kept.train;
  return {
    epoch: kept.epoch,
    train: kept.train,
    ...(unseen === undefined ? {} : { unseen }),
    ...(ratio === undefined || !Number.isFinite(ratio) ? {} : { ratio }),
  };
}

function tierOf(view: RunView, kept: KeptEpoch | undefined): Tier | 'unknown' {
  if (!view.absolute || kept?.unseen === undefined) return 'unknown';
  return successTier(kept.train, kept.unseen);
}

function alternativesFor(view: RunView, primary: Finding | undefined): Alternative[] {
  switch (primary?.code) {
    case 'diverging':
    case 'oscillating':
    case 'jump':
      return RATE_ALTERNATIVES.filter(
        ({ settings }) => Number(settings.lr) < (view.rate ?? Number.POSITIVE_INFINITY),
      );
    case 'plateau':
    case 'slow':
      return view.settings.text('model') === 'lstm' || view.settings.text('task') === 'frequency'
        ? [...LSTM_ALTERNATIVES]
        : [...RATE_ALTERNATIVES];
    default:
      return [];
  }
}
