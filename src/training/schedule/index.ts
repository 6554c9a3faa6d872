export * from './constant.js';
export * from './create-schedule.js';
export * from './early-stopping.js';
export * from './ema.js';
export * from './nan-guard.js';
export * from './plateau.js';
export * from './schedule.js';
export * from './warmup-cosine.js';
