import { basename } from 'node:path';
import type { FileReport } from '../../../streams/file/denoise-file.js';
import { PIPE, type SkippedFile } from '../files/input-files.js';
import type { Output } from '../output.js';
import { type ModelSummary, nameWithRole } from './model-summary.js';
import { formatSeconds, formatSpeed } from './time-format.js';

/** The model that did it, and what it ran on. */
export interface UsedModel extends ModelSummary {
  device: string;
}

/** Less music than this is not worth a line, seconds. */
const LEAST_MUSIC_SECONDS = 1;

/** Names of skipped files that are shown for each reason. */
const NAMES_SHOWN = 5;

const SAMPLE_FORMATS: Record<string, string> = {
  u8: '8 bit',
  s8: '8 bit',
  s16: '16 bit',
  s24: '24 bit',
  s32: '32 bit',
  f32: '32 bit float',
  f64: '64 bit float',
};

/** Two lines for a reader: what went where, and what was done how fast by what; a third one where music was found. */
export function describeReport(report: FileReport, model: UsedModel, output: Output): string[] {
  const { sampleRate, channels, sampleFormat, seconds } = report;
  const shape = [
    formatSeconds(seconds),
    `${Number((sampleRate / 1000).toFixed(3))} kHz`,
    channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`,
    SAMPLE_FORMATS[sampleFormat] ?? sampleFormat,
  ].join(', ');
  const floor = report.strength === 0 ? 'untouched (strength 0)' : describeFloor(report.noiseFloor);
  const speed = `${formatSpeed(report.timesRealTime)} real time (${formatSeconds(report.elapsedSeconds)})`;
  const plot = report.plot === undefined ? '' : `, plot: ${report.plot}`;
  return [
    `${nameOf(report.input, 'stdin')} → ${output.style('bold', nameOf(report.output, 'stdout'), process.stdout)}  (${shape})${plot}`,
    `  ${floor}, ${speed}, model ${nameWithRole(model)} on ${model.device}`,
    ...describeMusic(report),
  ];
}

function describeMusic({ musicSeconds, seconds }: FileReport): string[] {
  if (musicSeconds < LEAST_MUSIC_SECONDS) return [];
  return [
    `  looks like music: ${formatSeconds(musicSeconds)} of ${formatSeconds(seconds)} left as they are; use --music off to denoise all of it`,
  ];
}

/** The level of the pauses, which is no measure of how the speech sounds. */
function describeFloor(floor: FileReport['noiseFloor']): string {
  if (floor === null) return 'no noise to measure';
  const level = (dbfs: number): string => dbfs.toFixed(1).replace('-', '−');
  return `noise in the pauses ${level(floor.beforeDbfs)} → ${level(floor.afterDbfs)} dBFS`;
}

/** What a folder holds besides recordings: how much, why, and the first names of each kind. */
export function describeSkipped(skipped: readonly SkippedFile[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of skipped)
    byReason.set(reason, [...(byReason.get(reason) ?? []), basename(path)]);
  return [...byReason].map(([reason, names]) => {
    const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
    return `Skipped ${names.length}, because ${reason}: ${names.slice(0, NAMES_SHOWN).join(', ')}${more}.`;
  });
}

function nameOf(path: string, pipe: string): string {
  return path === PIPE ? pipe : path;
}
