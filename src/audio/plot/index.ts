export { type AxisOptions, curves, type Series } from './curves.js';
export { type Spectrogram, SpectrogramAccumulator } from './spectrogram.js';
export { spectrogramPair } from './spectrogram-pair.js';
