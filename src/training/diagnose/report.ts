import type { Diagnosis } from './diagnose.js';
import type { Finding, Severity } from './finding.js';
import { numberText, rateText } from './number-text.js';

export interface ReportOptions {
  /** Width of the text in columns. Default 100. */
  width?: number;
  /** Colours for a terminal. Default false. */
  colour?: boolean;
}

const LABELS: Record<Severity, string> = {
  critical: 'CRITICAL',
  serious: 'SERIOUS',
  watch: 'watch',
  info: 'info',
  good: 'good',
};
/** ANSI colours: bold red, red, yellow, none, green. */
const COLOURS: Record<Severity, string> = {
  critical: '1;31',
  serious: '31',
  watch: '33',
  info: '',
  good: '32',
};
const LABEL_WIDTH = 10;

/** A diagnosis as text for a terminal; `diagnosis` itself is the JSON form. */
export function formatDiagnosis(diagnosis: Diagnosis, options: ReportOptions = {}): string {
  const { width = 100, colour = false } = options;
  const paint = (code: string, text: string) =>
    colour && code !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  const lines: string[] = [];
  const { kept, status, tier } = diagnosis;
  if (status !== undefined) lines.push(`${paint('1', 'Run:')}  ${status}`);
  lines.push(`${paint('1', 'Tier:')} ${tier}${kept === undefined ? '' : ` (${keptText(kept)})`}`, '');
  for (const finding of diagnosis.findings) {
    const label = LABELS[finding.severity].padEnd(LABEL_WIDTH);
    const [first, ...rest] = wrap(finding.what, width - LABEL_WIDTH);
    lines.push(paint(COLOURS[finding.severity], label) + first, ...indented(rest));
    lines.push(...indented(wrap(`→ ${finding.remedy}`, width - LABEL_WIDTH)));
    if (finding.patch !== undefined)
      lines.push(...indented(wrap(`  ${patchText(finding)}`, width - LABEL_WIDTH)));
  }
  if (diagnosis.findings.length > 0) lines.push('');
  lines.push(...wrap(diagnosis.advice, width));
  if (diagnosis.nextCommand !== undefined) lines.push('', paint('1', 'Next:'), `  ${diagnosis.nextCommand}`);
  if (diagnosis.alternatives.length > 0) {
    lines.push('', paint('1', 'If that does not help:'));
    for (const { name, when, settings } of diagnosis.alternatives) {
      const [first, ...rest] = wrap(`${name}: ${when} ${settingsText(settings)}`, width - 4);
      lines.push(`  - ${first}`, ...rest.map((line) => `    ${line}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A live warning on one line. */
export function formatWarning(finding: Finding): string {
  return `${finding.what} ${finding.remedy}`;
}

function keptText({ epoch, train, unseen, ratio }: NonNullable<Diagnosis['kept']>): string {
  const parts = [`epoch ${epoch}`, `training ${numberText(train)}`];
  if (unseen !== undefined) parts.push(`unseen ${numberText(unseen)}`);
  if (ratio !== undefined) parts.push(`ratio ${numberText(ratio)}`);
  return parts.join(', ');
}

function patchText({ patch, start }: Finding): string {
  return `${settingsText(patch ?? {})} (${start === 'resume' ? 'resume' : 'from initial weights'})`;
}

function settingsText(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? rateText(value) : value}`)
    .join(' ');
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => ' '.repeat(LABEL_WIDTH) + line);
}

/** Breaks at spaces; a word longer than the line stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
