export { type AxisOptions, type CurvesOptions, curves, type Series } from './curves.js';
export { type Spectrogram, SpectrogramAccumulator, type SpectrogramOptions } from './spectrogram.js';
export { type SpectrogramPairOptions, spectrogramPair } from './spectrogram-pair.js';
