import type { CorpusSource } from './source.js';

/** One clip of the corpus. */
export interface ManifestRow {
  /** In the corpus, with `/`. */
  path: string;
  kind: CorpusSource['kind'];
  voice: string;
  language: string;
  licence: string;
  source: string;
  split: 'train' | 'dev';
  seconds: number;
  synthetic: boolean;
}

const COLUMNS: readonly (keyof ManifestRow)[] = [
  'path',
  'kind',
  'voice',
  'language',
  'licence',
  'source',
  'split',
  'seconds',
  'synthetic',
];

/** The rows as CSV (RFC 4180), with a line of column names. */
export function manifestCsv(rows: readonly ManifestRow[]): string {
  const cell = (value: string | number | boolean) => {
    const text = typeof value === 'number' ? value.toFixed(2) : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => row[column]))]
    .map((cells) => `${cells.map(cell).join(',')}\n`)
    .join('');
}

/** Hours, clips, voices and languages per kind and split: what the corpus amounts to. */
export function summarise(rows: readonly ManifestRow[]) {
  const parts = new Map<string, ManifestRow[]>();
  for (const row of rows) {
    const name = `${row.split} ${row.kind}${row.synthetic ? ', synthetic' : ''}`;
    parts.set(name, [...(parts.get(name) ?? []), row]);
  }
  return Object.fromEntries(
    [...parts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [
        name,
        {
          hours: Number((part.reduce((sum, { seconds }) => sum + seconds, 0) / 3600).toFixed(2)),
          clips: part.length,
          voices: new Set(part.map(({ source, voice }) => `${source}/${voice}`)).size,
          languages: new Set(part.map(({ language }) => language)).size,
        },
      ]),
  );
}
