import type { NoisePiece } from '../../online/noise-store.js';
import { formatHertz } from './hertz.js';
import { table } from './table.js';

/** Pieces of captured noise, a line each, and how much there is of each profile. */
export function listNoise(pieces: readonly NoisePiece[]): string[] {
  if (pieces.length === 0)
    return ['No noise was captured yet: denoise live --capture PROFILE, or denoise noise import FILE.'];
  const rows = pieces.map(({ hash, profile, time, seconds, levelDb, source, frequencyHz, mode }) => [
    hash.slice(0, 12),
    profile,
    time.slice(0, 16).replace('T', ' '),
    `${seconds.toFixed(1)} s`,
    `${levelDb.toFixed(0).replace('-', '−')} dBFS`,
    [source, frequencyHz && formatHertz(frequencyHz), mode].filter(Boolean).join(' '),
  ]);
  const totals = new Map<string, number>();
  for (const { profile, seconds } of pieces) totals.set(profile, (totals.get(profile) ?? 0) + seconds);
  return [
    ...table(['piece', 'profile', 'time', 'length', 'level', 'from'], rows),
    ...[...totals].map(([profile, seconds]) => `${profile}: ${(seconds / 60).toFixed(1)} min`),
  ];
}
