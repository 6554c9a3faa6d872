import type { ZodType } from 'zod';
import type { Tensor } from '../graph/graph.js';
import type { ModelBuilder } from './model-builder.js';

/**
 * A kind of model, written once: the same `build` gives the streaming graph (the checkpoint), the offline graph and the
 * training step. One file per family in `models/`.
 */
export interface ModelFamily<Config = unknown> {
  /** As on the command line and in checkpoints. */
  readonly name: string;
  /** One line for listings. */
  readonly description: string;
  /** What it makes of its input where that is not the clean half of a mixture: such a family cannot be trained to denoise. */
  readonly makes?: string;
  /** Whether its result depends on the level of the audio: streams then bring that to what it was trained at, and back. */
  readonly levelDependent?: boolean;
  /** Validates a configuration and fills in its defaults. */
  readonly configSchema: ZodType<Config>;
  /** Sample rate of the audio in Hz. */
  sampleRate(config: Config): number;
  /** Audio goes in and comes out in multiples of this many samples. */
  hop(config: Config): number;
  /** How many samples later than the input the clean output comes out. */
  latency(config: Config): number;
  /** Lays the model: `audio` `[batch, hop·frames]` → clean audio of the same shape, `latency` samples late. */
  build(builder: ModelBuilder, audio: Tensor, config: Config): Tensor;
}
