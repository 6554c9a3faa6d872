import type { FileReport } from '../../../streams/file/denoise-file.js';
import { PIPE } from '../files/input-files.js';
import type { Output } from '../output.js';
import { type ModelSummary, nameWithRole } from './model-summary.js';
import { formatSeconds, formatSpeed } from './time-format.js';

/** The model that did it, and what it ran on. */
export interface UsedModel extends ModelSummary {
  device: string;
}

const SAMPLE_FORMATS: Record<string, string> = {
  u8: '8 bit',
  s8: '8 bit',
  s16: '16 bit',
  s24: '24 bit',
  s32: '32 bit',
  f32: '32 bit float',
  f64: '64 bit float',
};

/** Two lines for a reader: what went where, and what was done how fast by what. */
export function describeReport(report: FileReport, model: UsedModel, output: Output): string[] {
  const { sampleRate, channels, sampleFormat, seconds } = report;
  const shape = [
    formatSeconds(seconds),
    `${Number((sampleRate / 1000).toFixed(3))} kHz`,
    channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`,
    SAMPLE_FORMATS[sampleFormat] ?? sampleFormat,
  ].join(', ');
  const removed =
    report.strength === 0
      ? 'untouched (strength 0)'
      : report.noiseRemovedDb === null
        ? 'no noise to measure'
        : `noise removed: ${report.noiseRemovedDb.toFixed(1).replace(/^-0\.0$/, '0.0')} dB`;
  const speed = `${formatSpeed(report.timesRealTime)} real time (${formatSeconds(report.elapsedSeconds)})`;
  const plot = report.plot === undefined ? '' : `, plot: ${report.plot}`;
  return [
    `${nameOf(report.input, 'stdin')} → ${output.style('bold', nameOf(report.output, 'stdout'), process.stdout)}  (${shape})${plot}`,
    `  ${removed}, ${speed}, model ${nameWithRole(model)} on ${model.device}`,
  ];
}

function nameOf(path: string, pipe: string): string {
  return path === PIPE ? pipe : path;
}
