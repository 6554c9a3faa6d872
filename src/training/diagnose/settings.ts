import type { ConfigPatch, SettingValue } from './finding.js';

/** The settings a doctor looks at or changes: the name used here first, then other spellings that are understood. */
const SPELLINGS = {
  model: ['model', 'family'],
  task: ['task'],
  loss: ['loss'],
  lr: ['lr', 'learningRate', 'learning_rate'],
  epochs: ['epochs', 'num_epochs', 'maxEpochs'],
  patience: ['patience', 'earlyStoppingPatience', 'early_stopping_patience'],
  schedule: ['schedule', 'scheduler'],
  schedulerPatience: ['schedulerPatience', 'scheduler_patience'],
  schedulerFactor: ['schedulerFactor', 'scheduler_factor'],
  minimumLr: ['minimumLr', 'min_lr'],
  clipNorm: ['clipNorm', 'clip', 'clip_grad_norm'],
  optimizer: ['optimizer'],
  weightDecay: ['weightDecay', 'weight_decay'],
  batch: ['batch', 'batchSize', 'batch_size'],
  length: ['length', 'sequenceLength', 'seq_length'],
  hidden: ['hidden', 'hiddenSize', 'hidden_size'],
  layers: ['layers', 'numLayers', 'num_layers'],
  inputs: ['inputs', 'inputSize', 'input_size'],
  dropout: ['dropout'],
  activation: ['activation'],
  backboneUnits: ['backboneUnits', 'backbone_units'],
  backboneLayers: ['backboneLayers', 'backbone_layers'],
  backboneDropout: ['backboneDropout', 'backbone_dropout'],
} as const satisfies Record<string, readonly string[]>;

export type SettingName = keyof typeof SPELLINGS;

/**
 * The configuration of a run, asked by name. A setting is looked for at the top and then in the objects directly below
 * (`model: {hidden: 64}`), so that configurations of older versions and of other programs can be diagnosed too.
 */
export class Settings {
  readonly #scopes: Readonly<Record<string, unknown>>[];

  constructor(config: Readonly<Record<string, unknown>> = {}) {
    const below = Object.values(config).filter(
      (value): value is Record<string, unknown> =>
        typeof value === 'object' && value !== null && !Array.isArray(value),
    );
    this.#scopes = [config, ...below];
  }

  has(name: SettingName): boolean {
    return this.#find(name) !== undefined;
  }

  /** A finite number, or `undefined`. */
  number(name: SettingName): number | undefined {
    const value = this.#find(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  text(name: SettingName): string | undefined {
    const value = this.#find(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** `patch` with each name as this run spells it. */
  spelled(patch: Partial<Record<SettingName, SettingValue>>): ConfigPatch {
    return Object.fromEntries(
      Object.entries(patch).map(([name, value]) => [this.#spelling(name as SettingName), value]),
    );
  }

  #spelling(name: SettingName): string {
    for (const scope of this.#scopes) {
      for (const spelling of SPELLINGS[name]) if (isScalar(scope[spelling])) return spelling;
    }
    return name;
  }

  #find(name: SettingName): SettingValue | undefined {
    for (const scope of this.#scopes) {
      for (const spelling of SPELLINGS[name]) {
        const value = scope[spelling];
        if (isScalar(value)) return value;
      }
    }
    return undefined;
  }
}

function isScalar(value: unknown): value is SettingValue {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}
