/** From worst to best: what is first in a diagnosis. */
const SEVERITIES = ['critical', 'serious', 'watch', 'info', 'good'] as const;

/**
 * `critical`: the run is lost, stop it. `serious`: it will not reach its goal like this. `watch`: not yet harm.
 * `info`: worth knowing. `good`: as it should be.
 */
export type Severity = (typeof SEVERITIES)[number];

export type SettingValue = number | string | boolean;

/** Settings to change, by the names that `--set` takes. */
export type ConfigPatch = Readonly<Record<string, SettingValue>>;

/** Where the next run begins: `initial` weights (a new run), or `resume` from the last checkpoint of this one. */
export type Start = 'initial' | 'resume';

/** One thing that the doctor found in a run. */
export interface Finding {
  /** Stable name, e.g. `diverging`. */
  code: string;
  severity: Severity;
  /** What was seen, with its numbers; one sentence. */
  what: string;
  /** What to do about it; one or two sentences. */
  remedy: string;
  /** What not to do, although it looks tempting. */
  avoid?: readonly string[];
  /** The numbers behind `what`; always finite. */
  evidence: Readonly<Record<string, number>>;
  /** The remedy as settings, where settings can help. */
  patch?: ConfigPatch;
  /** Where to begin with `patch`. */
  start?: Start;
}

/** Smaller is worse. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Evidence that survives JSON: what is not a number is left out, infinities become the largest number. */
export function evidenceOf(numbers: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const kept: Record<string, number> = {};
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || Number.isNaN(value)) continue;
    kept[name] = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
  }
  return kept;
}
