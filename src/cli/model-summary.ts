import { basename } from 'node:path';
import type { CheckpointInfo } from '../../models/checkpoint.js';

/** What the command line says about a model. */
export interface ModelSummary {
  /** Its own name, or that of its file. */
  name: string;
  /** Family; empty for a file that another program made. */
  family: string;
  /** Learnt numbers. */
  parameters: number;
  /** Hz. */
  sampleRate: number;
  /** Samples from input to output. */
  latencySamples: number;
  latencyMs: number;
  /** SHA-256 of the file. */
  hash: string;
}

/** @param asked - the name or path that was asked for, for files that do not say their name. */
export function summarise(info: CheckpointInfo, asked = ''): ModelSummary {
  const { family, parameters, sampleRate, latencySamples, hash } = info;
  return {
    name: info.name || basename(asked, '.onnx'),
    family,
    parameters,
    sampleRate,
    latencySamples,
    latencyMs: Number(((1000 * latencySamples) / sampleRate).toFixed(3)),
    hash,
  };
}
