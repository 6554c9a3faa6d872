import type { CheckpointInfo } from '../../../models/checkpoint.js';
import type { ModelRole } from '../../../models/open-model.js';

/** A model that was found, with or without its weights at hand. */
interface FoundModel {
  info: CheckpointInfo;
  name: string;
  role: ModelRole;
}

/** What the command line says about a model. */
export interface ModelSummary {
  /** Its own name, or that of its file. */
  name: string;
  /** How it was found: `shipped`, `champion`, … */
  role: ModelRole;
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

export function summarise({ info, name, role }: FoundModel): ModelSummary {
  const { family, parameters, sampleRate, latencySamples, hash } = info;
  return {
    name,
    role,
    family,
    parameters,
    sampleRate,
    latencySamples,
    latencyMs: Number(((1000 * latencySamples) / sampleRate).toFixed(3)),
    hash,
  };
}

/** `base`; `9f2c81d0aa41 (champion)` where it is not the obvious one. */
export function nameWithRole({ name, role }: Pick<ModelSummary, 'name' | 'role'>): string {
  return role === 'champion' || role === 'candidate' ? `${name} (${role})` : name;
}
